-- Notes where counting ends in the experiments of a project, and touches whoever did something that now counts, or no
-- longer does. Part of prepare_results() and summarize().
create or replace function nunchi.result_until(project uuid) returns void
language plpgsql set search_path = '' set jit = off as $$
declare
  moved record;
begin
  for moved in
    select t.id, t.environment, t.until as was, date_trunc('milliseconds', e.ended_at) as ends
    from nunchi.result_trackers t
    left join nunchi.experiments e on e.project_id = t.project_id and e.environment = t.environment and e.key = t.experiment
    where t.project_id = project and t.until is distinct from date_trunc('milliseconds', e.ended_at)
  loop
    update nunchi.result_trackers t set until = moved.ends where t.id = moved.id;
    insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, who)
    select distinct project, moved.environment, f.anonymous_id, f.user_id, false
    from nunchi.metric_facts f
    where f.project_id = project and f.occurred_at >= least(moved.was, moved.ends)
      and f.part in (select unnest(r.parts) from nunchi.result_metrics r where r.tracker = moved.id);
  end loop;
end
$$;
revoke execute on function nunchi.result_until(uuid) from public;
