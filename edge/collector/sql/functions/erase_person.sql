-- { projectId, id, limit?, actor? } → { done, phase, ids, removed: { table: rows }, waiting? }: erases one person.
-- To be called until `done`: each call is a short transaction, and after a crash the next one goes on where the
-- last committed. First the tombstones, so that nothing more comes in; then `limit` (20,000) events of the
-- project are looked at per call; at last what was derived from them. One audit row at the end.
create or replace function nunchi.erase_person(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  subject constant text := nunchi.id_hash(project, args ->> 'id');
  run nunchi.erasure_runs;
  known integer;
begin
  if coalesce(args ->> 'id', '') = '' or not exists (select from nunchi.projects p where p.id = project) then
    raise invalid_parameter_value using message = 'erase_person() needs the projectId of a project that stands, and an id.';
  end if;
  -- One at a time for a project: two would wait for each other's writes.
  perform pg_advisory_xact_lock(hashtext('nunchi.erase_person'), hashtext(project::text));
  select * into run from nunchi.erasure_runs r where r.project_id = project
    and (r.id_hash = subject or args ->> 'id' = any (r.ids)) limit 1;
  if not found then
    insert into nunchi.erasure_runs (project_id, id_hash, ids, phase, after, removed)
    values (project, subject, nunchi.person_ids(project, args ->> 'id'), 'marked', nunchi.uuid_floor(to_timestamp(0)), '{}')
    returning * into run;
    insert into nunchi.erasures (project_id, id_hash)
    select project, nunchi.id_hash(project, i) from unnest(run.ids) i on conflict do nothing;
  elsif run.phase = 'marked' then
    -- Who looked for tombstones before these were committed may still be writing.
    if not nunchi.wait_for_writers('nunchi.analytics_events', '5 seconds') then
      return jsonb_build_object('done', false, 'phase', run.phase, 'ids', cardinality(run.ids), 'removed', run.removed, 'waiting', true);
    end if;
    -- What they wrote may name another device of the person.
    known := cardinality(run.ids);
    run.ids := array(select unnest(run.ids) union select unnest(nunchi.person_ids(project, args ->> 'id')));
    if cardinality(run.ids) > known then
      insert into nunchi.erasures (project_id, id_hash)
      select project, nunchi.id_hash(project, i) from unnest(run.ids) i on conflict do nothing;
    else
      run.phase := 'events';
    end if;
  elsif run.phase = 'events' then
    run := nunchi.erase_events(run, coalesce((args ->> 'limit')::integer, 20000));
  else
    -- Who read the events before they were gone may still be deriving from them.
    if not nunchi.wait_for_writers('nunchi.event_processing_queue', '5 seconds') then
      return jsonb_build_object('done', false, 'phase', run.phase, 'ids', cardinality(run.ids), 'removed', run.removed, 'waiting', true);
    end if;
    run := nunchi.erase_derived(run);
    delete from nunchi.erasure_runs r where r.project_id = project and r.id_hash = run.id_hash;
    perform nunchi.audit(project, args ->> 'actor', 'person.erase', run.id_hash, run.removed,
      jsonb_build_object('tombstones', cardinality(run.ids)));
    return jsonb_build_object('done', true, 'phase', 'done', 'ids', cardinality(run.ids), 'removed', run.removed);
  end if;
  update nunchi.erasure_runs r set ids = run.ids, phase = run.phase, after = run.after, removed = run.removed
  where r.project_id = project and r.id_hash = run.id_hash;
  return jsonb_build_object('done', false, 'phase', run.phase, 'ids', cardinality(run.ids), 'removed', run.removed);
end
$$;
revoke execute on function nunchi.erase_person(jsonb) from public;
