-- Takes at most `size` touches of an environment and brings the sums of its experiments in line with what they tell;
-- answers how many it took. The caller holds the project's lock of results. Part of prepare_results() and summarize().
create or replace function nunchi.result_advance(project uuid, env text, size integer) returns integer
language plpgsql set search_path = '' set jit = off as $$
declare
  now_at constant timestamptz := clock_timestamp();
  touches nunchi.result_touches[];
  tracked nunchi.result_trackers;
begin
  with taken as (
    delete from nunchi.result_touches t where t.id = any (array(
      select d.id from nunchi.result_touches d where d.project_id = project and d.environment = env and d.due <= now_at
      order by d.due, d.id limit size))
    returning t.*)
  select array_agg(t) into touches from taken t;
  if touches is null then
    return 0;
  end if;
  for tracked in select * from nunchi.result_trackers t where t.project_id = project and t.environment = env order by t.id loop
    perform nunchi.result_refresh(tracked, array(
      select unnest(nunchi.result_exposed(tracked, array_agg(t.anonymous_id) || array_agg(t.user_id), array_agg(t.unit)))
      from unnest(touches) t where t.who having count(*) > 0
      union
      select unnest(nunchi.result_owners(tracked, array_agg(t.anonymous_id), array_agg(t.user_id))) from unnest(touches) t), now_at);
  end loop;
  return cardinality(touches);
end
$$;
revoke execute on function nunchi.result_advance(uuid, text, integer) from public;
