-- Up to when the kept sums of an environment tell all that was processed, in ms; null where nothing waits to be taken in.
-- Part of summarize() and results_frame().
create or replace function nunchi.result_as_of(project uuid, env text) returns bigint
language sql stable set search_path = '' as $$
  select floor(extract(epoch from greatest(t.at, t.due)) * 1000)::bigint from nunchi.result_touches t
  where t.project_id = project and t.environment = env and t.due <= clock_timestamp()
  order by t.due, t.id limit 1
$$;
revoke execute on function nunchi.result_as_of(uuid, text) from public;
