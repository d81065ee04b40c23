-- Looks at the next `size` events of the run's project, in the order of their ids, and deletes those of the
-- person, also from what waits to be processed. Part of erase_person().
create or replace function nunchi.erase_events(run nunchi.erasure_runs, size integer) returns nunchi.erasure_runs
language plpgsql set search_path = '' as $$
declare
  looked integer;
  last uuid;
  own uuid[];
  shared uuid[];
  rule record;
begin
  select * into strict rule from nunchi.person_tables() p where p.name = 'analytics_events';
  execute format('
    select count(*), (array_agg(t.id order by t.id desc))[1], array_agg(t.id) filter (where %1$s),
      array_agg(t.id) filter (where not coalesce(%1$s, false) and (t.anonymous_id = any ($2) or t.previous_id = any ($2)))
    from (select e.id, e.user_id, e.anonymous_id, e.previous_id from nunchi.analytics_events e
      where e.project_id = $1 and e.id > $3 order by e.id limit $4) t', rule.own)
  into looked, last, own, shared using run.project_id, run.ids, run.after, size;

  if own is not null then
    delete from nunchi.analytics_events e where e.project_id = run.project_id and e.id = any (own);
    update nunchi.event_processing_queue q
    set (project_ids, event_ids) = (
      select coalesce(array_agg(u.project_id order by u.n), '{}'), coalesce(array_agg(u.id order by u.n), '{}')
      from unnest(q.project_ids, q.event_ids) with ordinality u (project_id, id, n)
      where u.project_id <> run.project_id or u.id <> all (own))
    where q.event_ids && own;
    delete from nunchi.event_processing_queue q where q.event_ids = '{}';
  end if;
  if shared is not null then
    execute rule.shared using run.project_id, run.ids, shared;
  end if;
  run.removed := run.removed || jsonb_build_object('analytics_events',
    coalesce((run.removed ->> 'analytics_events')::bigint, 0) + coalesce(cardinality(own), 0));
  run.after := coalesce(last, run.after);
  run.phase := case when looked < size then 'derived' else 'events' end;
  return run;
end
$$;
revoke execute on function nunchi.erase_events(nunchi.erasure_runs, integer) from public;
