-- What experiment_assignments and experiment_conversions hold of a project, in the shape that
-- recount_experiments() gives. Part of recount().
create or replace function nunchi.experiment_rows(project uuid)
returns table (area text, place text[], fact jsonb, at timestamptz, event uuid)
language sql stable set search_path = '' as $$
  select 'experiment_assignments', array[a.environment, a.experiment, a.revision::text, a.unit],
    to_jsonb(a) - '{project_id,environment,experiment,revision,unit,assigned_at,event_id}'::text[], a.assigned_at, a.event_id
  from nunchi.experiment_assignments a where a.project_id = project
  union all
  select 'experiment_conversions', array[c.environment, c.event_id::text],
    to_jsonb(c) - '{project_id,environment,event_id,occurred_at}'::text[], c.occurred_at, c.event_id
  from nunchi.experiment_conversions c where c.project_id = project
$$;
revoke execute on function nunchi.experiment_rows(uuid) from public;
