-- The exposures among the facts: `Experiment Viewed` of people, each held to the config that it names. `fault` says
-- what is wrong with it, null where nothing is. Part of process(). An overridden one counts nowhere and is left out.
create or replace function nunchi.exposures_in(facts nunchi.fact[])
returns table (project_id uuid, environment text, id uuid, occurred_at timestamptz, day date, anonymous_id text,
  user_id text, experiment text, revision integer, unit text, attribute text, variant text, config_version text,
  rule text, fault text)
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  with seen as materialized (
    select f.project_id, f.environment, f.id, f.occurred_at, f.day, f.anonymous_id, f.user_id, e.properties as p,
      jsonb_typeof(e.properties -> 'experiment') = 'string' and length(e.properties ->> 'experiment') between 1 and 200
        and jsonb_typeof(e.properties -> 'variant') = 'string' and length(e.properties ->> 'variant') between 1 and 200
        and jsonb_typeof(e.properties -> 'configVersion') = 'string' and length(e.properties ->> 'configVersion') <= 200
        and jsonb_typeof(e.properties -> 'attribute') = 'string' and length(e.properties ->> 'attribute') between 1 and 200
        and jsonb_typeof(e.properties -> 'unit') = 'string' and length(e.properties ->> 'unit') between 1 and 256
        and jsonb_typeof(e.properties -> 'revision') = 'number' and e.properties ->> 'revision' ~ '^[1-9][0-9]{0,8}$'
        and coalesce(jsonb_typeof(e.properties -> 'rule'), 'null') in ('string', 'null')
        and coalesce(length(e.properties ->> 'rule'), 0) <= 200 as whole
    from unnest(facts) f
    cross join lateral (select a.properties from nunchi.analytics_events a
      where a.project_id = f.project_id and a.id = f.id offset 0) e
    where f.counted and f.type = 'track' and f.name = 'Experiment Viewed'
      and e.properties -> 'overridden' is distinct from 'true'
  ), known as materialized (
    -- Each config is read once, however many exposures name it.
    select t.project_id, t.environment, t.version, (select c.config -> 'experiments' from nunchi.config_versions c
      where c.project_id = t.project_id and c.version = t.version and c.environment = t.environment limit 1) as experiments
    from (select distinct s.project_id, s.environment, s.p ->> 'configVersion' as version from seen s where s.whole) t
  )
  select s.project_id, s.environment, s.id, s.occurred_at, s.day, s.anonymous_id, s.user_id, s.p ->> 'experiment',
    case when s.whole then (s.p ->> 'revision')::integer end, s.p ->> 'unit', s.p ->> 'attribute', s.p ->> 'variant',
    s.p ->> 'configVersion', nullif(s.p ->> 'rule', ''),
    case when s.whole is not true then 'malformed_exposure'
      when k.experiments is null then 'unknown_config:' || (s.p ->> 'experiment')
      when one.said is null then 'unknown_experiment:' || (s.p ->> 'experiment')
      when one.said -> 'revision' <> s.p -> 'revision' then 'unknown_revision:' || (s.p ->> 'experiment')
      when nunchi.variant_position(one.said, s.p ->> 'variant') < 0 then 'unknown_variant:' || (s.p ->> 'experiment')
    end
  from seen s
  left join known k on s.whole and k.project_id = s.project_id and k.environment = s.environment
    and k.version = s.p ->> 'configVersion'
  left join lateral (select k.experiments -> (s.p ->> 'experiment') as said) one on true
$$;
revoke execute on function nunchi.exposures_in(nunchi.fact[]) from public;
