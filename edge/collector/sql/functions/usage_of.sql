-- What happened in a project between two times, bucket by bucket; the body of usage(), for functions that know whose
-- it is. People are told apart through identities and aliases as they stand now, so a late identify() is right.
-- → { unit, timezone, buckets: [{ at, people, sessions, events, pages, conversions, revenue }], people }: `at` in ms for
-- minutes and an ISO date for days (of the project's zone), revenue { USD: "12.50" }, `people` of the whole span.
create or replace function nunchi.usage_of(project uuid, env text, since timestamptz, until timestamptz, unit text)
returns jsonb
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_custom_plan
  set enable_mergejoin = off set work_mem = '64MB' as $$
declare
  zone constant text := (select p.timezone from nunchi.projects p where p.id = project);
  -- The first and the last day; the end itself is not within.
  low constant date := (since at time zone zone)::date;
  high constant date := ((until - interval '1 microsecond') at time zone zone)::date;
  result jsonb;
begin
  if unit not in ('minute', 'day') or since is null or until is null or until <= since then
    raise invalid_parameter_value using message = 'usage() needs from < to, and unit "minute" or "day".';
  end if;
  if extract(epoch from until - since) / (case unit when 'minute' then 60 else 86400 end) > 3000 then
    raise invalid_parameter_value using message = format(
      'From %s to %s are more than 3,000 %ss; ask for less at once.', since, until, unit);
  end if;
  with buckets as (
    select m as at, m as starts, m + interval '1 minute' as ends, floor(extract(epoch from m) * 1000)::bigint::text as name
    from generate_series(date_trunc('minute', since, 'UTC'), until - interval '1 microsecond', interval '1 minute') m
    where unit = 'minute'
    union all
    select d::date::timestamp at time zone 'UTC', d::date::timestamp at time zone zone,
      (d::date + 1)::timestamp at time zone zone, d::date::text
    from generate_series(low::timestamp, high::timestamp, interval '1 day') d
    where unit = 'day'
  ), visitors as (
    select v.minute as at, v.anonymous_id, v.user_id from nunchi.minute_visitors v
    where unit = 'minute' and v.project_id = project and v.environment = env
      and v.minute >= date_trunc('minute', since, 'UTC') and v.minute < until
    union all
    select v.day::timestamp at time zone 'UTC', v.anonymous_id, v.user_id from nunchi.daily_visitors v
    where unit = 'day' and v.project_id = project and v.environment = env and v.day between low and high
  ), people as (
    -- Sorted by their bytes, which takes a fraction of sorting by a language.
    select n.at, coalesce(m.person, n.id) collate "C" as person
    from (
      select v.at, coalesce(nullif(v.user_id, ''), i.user_id, v.anonymous_id) as id
      from visitors v
      left join nunchi.identities i on v.user_id = '' and i.project_id = project and i.anonymous_id = v.anonymous_id
    ) n
    left join nunchi.alias_map(project) m on m.previous_id = n.id
  ), counts as (
    select r.minute as at, r.kind, r.name, r.events, r.amount from nunchi.rollup_minutes r
    where unit = 'minute' and r.project_id = project and r.environment = env
      and r.minute >= date_trunc('minute', since, 'UTC') and r.minute < until
    union all
    select r.day::timestamp at time zone 'UTC', r.kind, r.name, r.events, r.amount from nunchi.rollup_days r
    where unit = 'day' and r.project_id = project and r.environment = env and r.day between low and high
      and r.kind in ('total', 'type', 'conversion', 'revenue')
  ), summed as (
    select c.at, coalesce(sum(c.events) filter (where c.kind = 'total'), 0) as events,
      coalesce(sum(c.events) filter (where c.kind = 'type' and c.name = 'page'), 0) as pages,
      coalesce(sum(c.events) filter (where c.kind = 'conversion'), 0) as conversions
    from counts c group by c.at
  ), money as (
    select t.at, jsonb_object_agg(t.name, trim_scale(t.amount)::text) as revenue
    from (select c.at, c.name, sum(c.amount) as amount from counts c where c.kind = 'revenue' group by 1, 2) t
    group by t.at
  )
  select jsonb_build_object('unit', unit, 'timezone', zone,
    'buckets', coalesce(jsonb_agg(jsonb_build_object(
      'at', case unit when 'minute' then to_jsonb(b.name::bigint) else to_jsonb(b.name) end,
      'people', coalesce(w.people, 0), 'sessions', coalesce(s.sessions, 0), 'events', coalesce(c.events, 0),
      'pages', coalesce(c.pages, 0), 'conversions', coalesce(c.conversions, 0),
      'revenue', coalesce(r.revenue, '{}')) order by b.at), '[]'),
    'people', (select count(distinct p.person) from people p))
  into result
  from buckets b
  left join (select p.at, count(distinct p.person) as people from people p group by p.at) w on w.at = b.at
  left join summed c on c.at = b.at
  left join money r on r.at = b.at
  left join (
    select date_bin('1 minute', s.started_at, timestamptz '2000-01-01 00:00Z') as at, count(*) as sessions
    from nunchi.sessions s
    where unit = 'minute' and s.project_id = project and s.environment = env
      and s.started_at >= date_trunc('minute', since, 'UTC') and s.started_at < until
    group by 1
    union all
    select (s.started_at at time zone zone)::date::timestamp at time zone 'UTC', count(*)
    from nunchi.sessions s
    where unit = 'day' and s.project_id = project and s.environment = env
      and s.started_at >= low::timestamp at time zone zone and s.started_at < (high + 1)::timestamp at time zone zone
    group by 1
  ) s on s.at = b.at;
  return result;
end
$$;
revoke execute on function nunchi.usage_of(uuid, text, timestamptz, timestamptz, text) from public;
