-- { id, projectId } → { removed }: takes out one event and its queue entry, as `nunchi verify` does with the one it
-- sent, which counts nowhere. What another event has come to already is not taken back by this, but by recount()
-- with repair.
create or replace function nunchi.remove_event(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  event constant uuid := args ->> 'id';
  project constant uuid := args ->> 'projectId';
  removed integer;
begin
  delete from nunchi.analytics_events e where e.project_id = project and e.id = event;
  get diagnostics removed = row_count;
  update nunchi.event_processing_queue q
  set (project_ids, event_ids) = (
    select coalesce(array_agg(u.project_id order by u.n), '{}'), coalesce(array_agg(u.id order by u.n), '{}')
    from unnest(q.project_ids, q.event_ids) with ordinality u (project_id, id, n)
    where (u.project_id, u.id) <> (project, event))
  where event = any (q.event_ids);
  delete from nunchi.event_processing_queue q where q.event_ids = '{}';
  return jsonb_build_object('removed', removed);
end
$$;
revoke execute on function nunchi.remove_event(jsonb) from public;
