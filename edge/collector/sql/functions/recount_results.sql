-- What the kept sums of a project's experiments should be by the raw events (`expected`), and what they are, metric by
-- metric and variant by variant. Of metrics that are not whole yet nothing is said. Part of recount().
create or replace function nunchi.recount_results(project uuid)
returns table (area text, place text[], expected text, found text)
language plpgsql set search_path = '' set jit = off as $$
declare
  one record;
  args jsonb;
begin
  for one in
    select t.*, m.id as metric, m.plan from nunchi.result_trackers t join nunchi.result_metrics m on m.tracker = t.id
    where t.project_id = project and m.ready and t.built is null order by t.id, m.id
  loop
    args := jsonb_build_object('projectId', project, 'environment', one.environment, 'experiment', one.experiment,
      'revision', one.revision, 'plan', one.plan, 'until', floor(extract(epoch from one.until) * 1000));
    continue when not nunchi.result_current(project, one.environment);
    return query
    select 'result_sums', array[one.environment, one.experiment, one.revision::text, one.metric::text,
        coalesce(e.v ->> 'variant', f.v ->> 'variant')],
      concat_ws(' ', e.v -> 'units', e.v -> 'multiple', e.v -> 'sums'),
      concat_ws(' ', f.v -> 'units', f.v -> 'multiple', f.v -> 'sums')
    from jsonb_array_elements(nunchi.summarize_raw(args) -> 'variants') e (v)
    full join jsonb_array_elements(nunchi.summarize_kept(args) -> 'variants') f (v) on f.v ->> 'variant' = e.v ->> 'variant';
  end loop;
end
$$;
revoke execute on function nunchi.recount_results(uuid) from public;
