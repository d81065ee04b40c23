-- What experiment_assignments and experiment_conversions should hold because of the events since a moment, and the
-- exposures and conversions that could not be counted, with why (`area` is experiment_failure). `place` names the
-- row, `fact` what it says. Part of recount(), and without any of process()'s code. Paths are strict: a lax one looks into lists. Whether a unit saw two variants
-- shows only in all that came after, so there is no upper end.
create or replace function nunchi.recount_experiments(project uuid, since timestamptz)
returns table (area text, place text[], fact jsonb, at timestamptz, event uuid, day date)
language sql stable set search_path = '' set jit = off as $$
  with r as materialized (
    select e.*, e.properties ->> 'experiment' as experiment, e.properties ->> 'variant' as variant,
      e.properties ->> 'unit' as unit, e.properties ->> 'attribute' as attribute,
      e.properties ->> 'configVersion' as version, e.properties ->> 'rule' as rule, e.properties ->> 'metric' as metric,
      e.properties ->> 'step' as step
    from nunchi.raw_events(project, since, '9999-12-02') e
    where e.counted and e.type = 'track' and e.name = any ('{Experiment Viewed,Conversion Tracked}')
  ), asked as materialized (
    select distinct environment, version from r
  ), published as materialized (
    -- One row for each variant of each config that an exposure names.
    select distinct a.environment, a.version, x.key as experiment, x.value ->> 'revision' as revision, v ->> 'key' as variant
    from asked a
    join nunchi.config_versions c on c.project_id = project and c.environment = a.environment and c.version = a.version
    left join lateral jsonb_each(c.config -> 'experiments') x on true
    left join lateral jsonb_array_elements(x.value -> 'variants') v on true
  ), exposure as (
    select r.*, case
        when not coalesce(r.properties @? '$ ? (@.experiment.type() == "string" && @.variant.type() == "string"
            && @.unit.type() == "string" && @.attribute.type() == "string" && @.configVersion.type() == "string"
            && @.revision.type() == "number")'
          and (r.properties -> 'rule' is null or r.properties @? 'strict $.rule ? (@ == null || @.type() == "string")')
          and least(length(r.experiment), length(r.variant), length(r.unit), length(r.attribute)) > 0
          and greatest(length(r.experiment), length(r.variant), length(r.attribute), length(r.version),
            length(r.rule)) <= 200
          and length(r.unit) <= 256 and r.properties ->> 'revision' ~ '^[1-9][0-9]{0,8}$', false)
          then 'malformed_exposure'
        when not exists (select from published p where (p.environment, p.version) = (r.environment, r.version))
          then 'unknown_config:' || r.experiment
        when not exists (select from published p where (p.environment, p.version, p.experiment)
          = (r.environment, r.version, r.experiment)) then 'unknown_experiment:' || r.experiment
        when not exists (select from published p where (p.environment, p.version, p.experiment, p.revision)
          = (r.environment, r.version, r.experiment, r.properties ->> 'revision')) then 'unknown_revision:' || r.experiment
        when not exists (select from published p where (p.environment, p.version, p.experiment, p.variant)
          = (r.environment, r.version, r.experiment, r.variant)) then 'unknown_variant:' || r.experiment
      end as fault
    from r where r.name = 'Experiment Viewed'
      and coalesce(r.properties -> 'overridden', 'false') <> 'true'
  ), conversion as (
    select r.*, coalesce(
        r.properties @? 'strict $.metric ? (@.type() == "string" && @ != "")' and length(r.metric) <= 200
        and (r.properties -> 'value' is null or r.properties @? 'strict $.value ? (@ == null || @.type() == "number")')
        and (select coalesce(bool_and(abs(n::text::numeric) < 1e15), true)
          from jsonb_path_query(r.properties, 'strict $.value ? (@.type() == "number")', silent => true) n)
        and (r.properties -> 'step' is null or r.properties @? 'strict $.step ? (@ == null || @.type() == "string")')
        and (r.step is null or length(r.step) <= 200), false) as whole
    from r where r.name = 'Conversion Tracked'
  ), unit as (
    select first.*, spread.variants
    from (select x.*, row_number() over (partition by environment, experiment, properties ->> 'revision', unit
        order by occurred_at, id) as n from exposure x where fault is null) first
    join (select environment, experiment, properties ->> 'revision' as revision, unit,
        count(distinct variant) as variants from exposure where fault is null group by 1, 2, 3, 4) spread
      on (spread.environment, spread.experiment, spread.revision, spread.unit)
        = (first.environment, first.experiment, first.properties ->> 'revision', first.unit)
    where first.n = 1
  )
  select 'experiment_assignments', array[u.environment, u.experiment, u.properties ->> 'revision', u.unit],
    jsonb_build_object('attribute', u.attribute, 'variant', u.variant, 'config_version', u.version,
      'rule', nullif(u.rule, ''), 'anonymous_id', u.anonymous_id, 'user_id', u.user_id, 'multiple', u.variants > 1),
    u.occurred_at, u.id, u.day
  from unit u
  union all
  select 'experiment_conversions', array[c.environment, c.id::text], jsonb_build_object('metric', c.metric,
      'value', round((c.properties ->> 'value')::numeric, 6), 'step', nullif(c.step, ''),
      'anonymous_id', c.anonymous_id, 'user_id', c.user_id), c.occurred_at, c.id, c.day
  from conversion c where c.whole
  union all
  select 'experiment_failure', array[x.environment, x.fault], null, x.occurred_at, x.id, x.day
  from exposure x where x.fault is not null
  union all
  select 'experiment_failure', array[c.environment, 'malformed_conversion'], null, c.occurred_at, c.id, c.day
  from conversion c where not c.whole
$$;
revoke execute on function nunchi.recount_experiments(uuid, timestamptz) from public;
