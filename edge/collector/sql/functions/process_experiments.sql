-- Who saw which variant, and what trackConversion() reported. Part of process(). The first exposure of a unit to a
-- revision is the one by when it occurred, then by id, in whatever order the events come; a unit that saw two
-- variants is marked for ever. What cannot be assigned is counted by day: experiment_failure FAULT.
create or replace function nunchi.process_experiments(facts nunchi.fact[], worker smallint) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
begin
  -- Most events are neither.
  if not exists (select from unnest(facts) f
    where f.counted and f.type = 'track' and f.name in ('Experiment Viewed', 'Conversion Tracked'))
  then
    return;
  end if;

  insert into nunchi.experiment_assignments as a (project_id, environment, experiment, revision, unit, attribute,
    variant, config_version, rule, anonymous_id, user_id, assigned_at, event_id, multiple)
  select distinct on (x.project_id, x.environment, x.experiment, x.revision, x.unit) x.project_id, x.environment,
    x.experiment, x.revision, x.unit, x.attribute, x.variant, x.config_version, x.rule, x.anonymous_id, x.user_id,
    x.occurred_at, x.id, min(x.variant) over same <> max(x.variant) over same
  from nunchi.exposures_in(facts) x where x.fault is null
  window same as (partition by x.project_id, x.environment, x.experiment, x.revision, x.unit)
  order by x.project_id, x.environment, x.experiment, x.revision, x.unit, x.occurred_at, x.id
  on conflict (project_id, environment, experiment, revision, unit) do update set
    (attribute, variant, config_version, rule, anonymous_id, user_id, assigned_at, event_id) = (
      select w.attribute, w.variant, w.version, w.rule, w.visitor, w.who, w.at, w.id
      from (values (a.attribute, a.variant, a.config_version, a.rule, a.anonymous_id, a.user_id, a.assigned_at, a.event_id),
        (excluded.attribute, excluded.variant, excluded.config_version, excluded.rule, excluded.anonymous_id,
          excluded.user_id, excluded.assigned_at, excluded.event_id))
        w (attribute, variant, version, rule, visitor, who, at, id)
      order by w.at, w.id limit 1),
    multiple = a.multiple or excluded.multiple or a.variant <> excluded.variant
  -- Most exposures only say again what is known.
  where (excluded.assigned_at, excluded.event_id) < (a.assigned_at, a.event_id)
    or not a.multiple and (excluded.multiple or a.variant <> excluded.variant);

  insert into nunchi.experiment_conversions (project_id, environment, event_id, metric, value, step, anonymous_id,
    user_id, occurred_at)
  select c.project_id, c.environment, c.id, c.metric, c.value, c.step, c.anonymous_id, c.user_id, c.occurred_at
  from nunchi.experiment_conversions_in(facts) c where c.whole
  order by c.project_id, c.id
  on conflict do nothing;

  insert into nunchi.rollup_days as r (project_id, environment, day, kind, name, shard, events, amount)
  select n.project_id, n.environment, n.day, 'experiment_failure', n.fault, worker, count(*), 0
  from (
    select x.project_id, x.environment, x.day, x.fault from nunchi.exposures_in(facts) x where x.fault is not null
    union all
    select c.project_id, c.environment, c.day, 'malformed_conversion'
    from nunchi.experiment_conversions_in(facts) c where not c.whole
  ) n
  group by 1, 2, 3, 5
  order by 1, 2, 3, 5
  on conflict (project_id, environment, day, kind, name, shard) do update set events = r.events + excluded.events;
end
$$;
revoke execute on function nunchi.process_experiments(nunchi.fact[], smallint) from public;
