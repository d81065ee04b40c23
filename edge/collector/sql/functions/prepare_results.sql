-- Keeps the sums of results whole: { budgetMs? = 1000 } → { steps, more }. It works in small steps until nothing is left
-- or the time is up; any number of callers may be at it. What it does: metrics and experiments that came or went, past
-- events of new ones, their units, and whatever changed since.
create or replace function nunchi.prepare_results(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  deadline constant timestamptz := clock_timestamp()
    + make_interval(secs => least(coalesce((args ->> 'budgetMs')::float8, 1000), 10000) / 1000);
  project uuid;
  env text;
  steps integer := 0;
  worked boolean;
  -- As much at a time as takes a second or two: large steps cost less.
  span interval := '12 hours';
  page integer := 4000;
  began timestamptz;
begin
  for project in select m.project_id from nunchi.metrics m union select t.project_id from nunchi.result_trackers t
    union select p.project_id from nunchi.metric_parts p order by 1
  loop
    continue when not pg_try_advisory_xact_lock(hashtext('nunchi.results'), hashtext(project::text));
    if nunchi.result_prepare(project) then
      -- Nobody processes until this commits.
      return jsonb_build_object('steps', steps + 1, 'more', true);
    end if;
    perform nunchi.result_until(project);
    loop
      began := clock_timestamp();
      worked := nunchi.result_fill(project, span);
      span := case when clock_timestamp() - began < interval '1 s' then least(span * 2, '30 days')
        when clock_timestamp() - began > interval '2 s' then greatest(span / 2, '1 hour') else span end;
      for env in select distinct t.environment from nunchi.result_trackers t where t.project_id = project loop
        worked := nunchi.result_advance(project, env, 2000) > 0 or worked;
      end loop;
      began := clock_timestamp();
      worked := nunchi.result_build(project, page) or worked;
      page := case when clock_timestamp() - began < interval '1 s' then least(page * 2, 16000)
        when clock_timestamp() - began > interval '2 s' then greatest(page / 2, 500) else page end;
      exit when not worked;
      steps := steps + 1;
      if clock_timestamp() > deadline then
        return jsonb_build_object('steps', steps, 'more', true);
      end if;
    end loop;
  end loop;
  return jsonb_build_object('steps', steps, 'more', false);
end
$$;
revoke execute on function nunchi.prepare_results(jsonb) from public;
grant execute on function nunchi.prepare_results(jsonb) to nunchi_app;
