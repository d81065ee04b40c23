-- Sees to it that what a project's metrics and experiments need is kept, and nothing else; answers whether that changed.
-- Kept are the metrics that judge an experiment, for each revision that is no draft. Part of prepare_results().
create or replace function nunchi.result_prepare(project uuid) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  wanted jsonb;
  made integer;
begin
  select coalesce(jsonb_agg(jsonb_build_object('environment', e.environment, 'experiment', e.key, 'revision', e.revision,
    'plan', nunchi.metric_plan(m.definition))), '[]')
  into wanted
  from nunchi.experiments e join nunchi.metrics m on m.project_id = e.project_id
  where e.project_id = project and e.status <> 'draft'
    and (m.definition -> 'experiments' is null or m.definition -> 'experiments' ? e.key);
  -- Of a revision that is over, the metrics that still stand.
  wanted := wanted || coalesce((select jsonb_agg(jsonb_build_object('environment', t.environment, 'experiment', t.experiment,
      'revision', t.revision, 'plan', w.plan))
    from nunchi.result_trackers t join (select distinct w ->> 'environment' as environment, w ->> 'experiment' as experiment,
      w -> 'plan' as plan from jsonb_array_elements(wanted) w) w using (environment, experiment)
    where t.project_id = project), '[]');

  delete from nunchi.result_metrics r using nunchi.result_trackers t
  where t.id = r.tracker and t.project_id = project and not exists (select from jsonb_array_elements(wanted) w
    where w ->> 'environment' = t.environment and w ->> 'experiment' = t.experiment
      and (w ->> 'revision')::integer = t.revision and w -> 'plan' = r.plan);
  delete from nunchi.result_sums s using nunchi.result_trackers t
  where t.id = s.tracker and t.project_id = project and s.metric <> 0
    and not exists (select from nunchi.result_metrics r where r.id = s.metric);
  delete from nunchi.result_trackers t where t.project_id = project
    and not exists (select from nunchi.result_metrics r where r.tracker = t.id);
  update nunchi.metric_parts p set wanted = false where p.project_id = project and p.wanted and not exists (
    select from nunchi.result_metrics r where r.project_id = project and p.id = any (r.parts));

  if not exists (
    select from jsonb_array_elements(wanted) w where not exists (
      select from nunchi.result_trackers t join nunchi.result_metrics r on r.tracker = t.id
      where t.project_id = project and t.environment = w ->> 'environment' and t.experiment = w ->> 'experiment'
        and t.revision = (w ->> 'revision')::integer and r.plan = w -> 'plan'))
  then
    return false;
  end if;
  -- Who is processing now does not see what is made here: when they are done, nothing is missed.
  perform pg_advisory_xact_lock(hashtext('nunchi.recount'));
  insert into nunchi.metric_parts as m (project_id, environment, part)
  select distinct project, w ->> 'environment', p.part
  from jsonb_array_elements(wanted) w cross join jsonb_array_elements(w -> 'plan' -> 'parts') p (part)
  on conflict (project_id, environment, part) do update set wanted = true, filled_from = 'infinity'
  where not m.wanted;
  insert into nunchi.result_trackers (project_id, environment, experiment, revision, first_at)
  select project, d.environment, d.experiment, d.revision, (select min(a.assigned_at) from nunchi.experiment_assignments a
    where a.project_id = project and a.environment = d.environment and a.experiment = d.experiment and a.revision = d.revision)
  from (select distinct w ->> 'environment' as environment, w ->> 'experiment' as experiment,
    (w ->> 'revision')::integer as revision from jsonb_array_elements(wanted) w) d
  on conflict do nothing;
  with added as (
    insert into nunchi.result_metrics (project_id, tracker, plan, parts)
    select distinct project, t.id, w -> 'plan', array(
      select m.id from jsonb_array_elements(w -> 'plan' -> 'parts') with ordinality p (part, n)
      join nunchi.metric_parts m on m.project_id = project and m.environment = w ->> 'environment' and m.part = p.part
      order by p.n)
    from jsonb_array_elements(wanted) w
    join nunchi.result_trackers t on t.project_id = project and t.environment = w ->> 'environment'
      and t.experiment = w ->> 'experiment' and t.revision = (w ->> 'revision')::integer
    on conflict do nothing
    returning tracker)
  update nunchi.result_trackers t set built = '' from added a where t.id = a.tracker;
  get diagnostics made = row_count;
  return made > 0;
end
$$;
revoke execute on function nunchi.result_prepare(uuid) from public;
