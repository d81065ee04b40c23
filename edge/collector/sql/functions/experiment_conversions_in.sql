-- The conversions among the facts: `Conversion Tracked` of people. `whole` says whether it can be counted. Part of
-- process().
create or replace function nunchi.experiment_conversions_in(facts nunchi.fact[])
returns table (project_id uuid, environment text, id uuid, occurred_at timestamptz, day date, anonymous_id text,
  user_id text, metric text, value numeric, step text, whole boolean)
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  select f.project_id, f.environment, f.id, f.occurred_at, f.day, f.anonymous_id, f.user_id, e.p ->> 'metric',
    case when w.whole then round((e.p ->> 'value')::numeric, 6) end, nullif(e.p ->> 'step', ''), w.whole
  from unnest(facts) f
  cross join lateral (select a.properties as p from nunchi.analytics_events a
    where a.project_id = f.project_id and a.id = f.id offset 0) e
  cross join lateral (select coalesce(
      jsonb_typeof(e.p -> 'metric') = 'string' and length(e.p ->> 'metric') between 1 and 200
      and case coalesce(jsonb_typeof(e.p -> 'value'), 'null') when 'null' then true
        when 'number' then abs((e.p ->> 'value')::numeric) < 1e15 else false end
      and coalesce(jsonb_typeof(e.p -> 'step'), 'null') in ('null', 'string')
      and coalesce(length(e.p ->> 'step'), 0) <= 200, false) as whole offset 0) w
  where f.counted and f.type = 'track' and f.name = 'Conversion Tracked'
$$;
revoke execute on function nunchi.experiment_conversions_in(nunchi.fact[]) from public;
