-- A page of the stored exposures of a project, for `nunchi replay`. { projectId, source, environment?, experiment?,
-- since?, after?, limit? = 5000 } → { rows: [{ event, environment, experiment, revision, configVersion, attribute,
-- unit, variant }], next }: `source` is `assignments` (the first of each unit) or `events` (every one that was sent);
-- `since` in ms; `next` is the next page's `after`, or null. A page of events looks at `limit` events of any name,
-- so it may be empty and not the last.
create or replace function nunchi.replay_exposures(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  since constant timestamptz := to_timestamp((args ->> 'since')::bigint / 1000.0);
  size constant integer := coalesce((args ->> 'limit')::integer, 5000);
  looked integer;
  last jsonb;
  page jsonb;
begin
  if args ->> 'source' = 'assignments' then
    select count(*), (array_agg(jsonb_build_array(a.environment, a.experiment, a.revision, a.unit)
        order by a.environment desc, a.experiment desc, a.revision desc, a.unit desc))[1],
      jsonb_agg(jsonb_build_object('event', a.event_id, 'environment', a.environment, 'experiment', a.experiment,
        'revision', a.revision, 'configVersion', a.config_version, 'attribute', a.attribute, 'unit', a.unit,
        'variant', a.variant) order by a.environment, a.experiment, a.revision, a.unit)
        filter (where (args ->> 'environment' is null or a.environment = args ->> 'environment')
          and (args ->> 'experiment' is null or a.experiment = args ->> 'experiment')
          and (since is null or a.assigned_at >= since))
    into looked, last, page
    from (
      select * from nunchi.experiment_assignments t
      where t.project_id = project and (args -> 'after' is null or args -> 'after' = 'null'
        or (t.environment, t.experiment, t.revision, t.unit) > (args -> 'after' ->> 0, args -> 'after' ->> 1,
          (args -> 'after' ->> 2)::integer, args -> 'after' ->> 3))
      order by t.environment, t.experiment, t.revision, t.unit limit size
    ) a;
  else
    select count(*), to_jsonb((array_agg(e.id order by e.id desc))[1]),
      jsonb_agg(jsonb_build_object('event', e.id, 'environment', e.environment,
        'experiment', e.properties -> 'experiment', 'revision', e.properties -> 'revision',
        'configVersion', e.properties -> 'configVersion', 'attribute', e.properties -> 'attribute',
        'unit', e.properties -> 'unit', 'variant', e.properties -> 'variant') order by e.id)
        filter (where e.type = 'track' and e.name = 'Experiment Viewed' and not e.bot and not e.internal
          and e.properties -> 'overridden' is distinct from 'true'
          and (args ->> 'environment' is null or e.environment = args ->> 'environment')
          and (args ->> 'experiment' is null or e.properties ->> 'experiment' = args ->> 'experiment')
          and (since is null or e.occurred_at >= since))
    into looked, last, page
    from (
      select * from nunchi.analytics_events t
      where t.project_id = project and (args ->> 'after' is null or t.id > (args ->> 'after')::uuid)
        -- An id is made when the event occurs, give or take what clocks are off.
        and (since is null or t.clock_suspect or t.id >= nunchi.uuid_floor(greatest(since - interval '48 hours', 'epoch')))
      order by t.id limit size
    ) e;
  end if;
  return jsonb_build_object('rows', coalesce(page, '[]'), 'next', case when looked >= size then last end);
end
$$;
revoke execute on function nunchi.replay_exposures(jsonb) from public;
