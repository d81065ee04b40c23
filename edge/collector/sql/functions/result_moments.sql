-- What these units of a tracked revision came to on each metric by `at`, day by day; empty where there is nothing. Part of
-- result_refresh().
create or replace function nunchi.result_moments(tracked nunchi.result_trackers, units text[], at timestamptz)
returns table (unit text, moments nunchi.result_moment[], faults bigint)
-- How many facts there are nobody knows: a nested loop over them would take minutes.
language plpgsql stable set search_path = '' set jit = off set enable_nestloop = off set enable_hashjoin = on set enable_mergejoin = on
  set enable_seqscan = on set work_mem = '64MB' as $$
#variable_conflict use_column
declare
  zone constant text := (select p.timezone from nunchi.projects p where p.id = tracked.project_id);
  ends constant timestamptz := least(at, tracked.until);
begin
  return query
  with metric as materialized (
    select m.id, m.plan ->> 'kind' as kind, m.parts, (m.plan ->> 'cap')::numeric as cap,
      make_interval(secs => coalesce((m.plan ->> 'fromMs')::float8, 0) / 1000) as starts,
      make_interval(secs => (m.plan ->> 'windowMs')::float8 / 1000) as lasts,
      make_interval(secs => coalesce((m.plan ->> 'beforeMs')::float8, 0) / 1000) as before
    from nunchi.result_metrics m where m.tracker = tracked.id
  ), unit as materialized (
    -- Numbers sort faster than names.
    select row_number() over () as key, r.unit, r.assigned_at from nunchi.result_units r
    where r.tracker = tracked.id and r.unit = any (result_moments.units)
  ), counted as materialized (
    select u.key, m.id as metric, m.kind = 'funnel' as walks, p.n, o.event_id, o.occurred_at, o.amount, o.fault,
      o.occurred_at >= u.assigned_at + m.starts as after,
      ((case when m.kind = 'retention' then u.assigned_at + m.starts + m.lasts
        else greatest(o.occurred_at, u.assigned_at) end) at time zone zone)::date as day
    from nunchi.result_owned(tracked, result_moments.units) o
    join unit u on u.unit = o.unit
    join metric m on o.part = any (m.parts)
    cross join lateral unnest(m.parts) with ordinality p (part, n)
    where p.part = o.part and o.occurred_at < ends
      and (o.occurred_at >= u.assigned_at + m.starts and (m.lasts is null or o.occurred_at < u.assigned_at + m.starts + m.lasts)
        or o.occurred_at < u.assigned_at and o.occurred_at >= u.assigned_at - m.before)
  ), walked as (
    -- How far a funnel was walked by the end of each day.
    select w.key, w.metric, w.day, (nunchi.funnel_reached(w.path) >= cardinality(m.parts))::integer as reached
    from (select c.key, c.metric, c.day,
        array_agg(c.n::integer) over (partition by c.key, c.metric order by c.occurred_at, c.event_id, c.n desc) as path,
        row_number() over (partition by c.key, c.metric, c.day order by c.occurred_at desc, c.event_id desc, c.n) as back
      from counted c where c.walks and c.after) w
    join metric m on m.id = w.metric
    where w.back = 1
  ), daily as (
    select c.key, c.metric, c.day, sum(c.amount) filter (where c.n = 1 and c.after) as a,
      sum(c.amount) filter (where c.n = 2 and c.after) as b, sum(c.amount) filter (where c.n = 1 and not c.after) as xa,
      sum(c.amount) filter (where c.n = 2 and not c.after) as xb, count(c.fault) as faults, min(c.fault) as fault
    from counted c group by 1, 2, 3
    union all
    -- Who did not come back counts too.
    select u.key, m.id, ((u.assigned_at + m.starts + m.lasts) at time zone zone)::date, 0, null, null, null, 0, null
    from unit u cross join metric m where m.kind = 'retention'
      and not exists (select from counted c where c.key = u.key and c.metric = m.id)
  ), so_far as (
    select d.key, d.metric, d.day, sum(d.a) over same as a, sum(d.b) over same as b, sum(d.xa) over same as xa,
      sum(d.xb) over same as xb, (sum(d.faults) over same)::bigint as faults, min(d.fault) over same as fault
    from daily d window same as (partition by d.key, d.metric order by d.day)
  ), fresh as (
    select s.key, array_agg(row(s.metric, s.day,
        case when m.kind = 'funnel' then coalesce(w.reached, 0) when m.kind in ('share', 'retention')
          then coalesce((s.a > 0)::integer, 0) when s.a is not null then least(s.a, m.cap)
          when m.kind <> 'quantile' then 0 end,
        case when m.kind = 'funnel' then 0 else coalesce(s.b, 0) end,
        case when m.kind = 'share' then coalesce((s.xa > 0)::integer, 0) when s.xa is not null then least(s.xa, m.cap)
          else 0 end,
        coalesce(s.xb, 0), s.faults, s.fault)::nunchi.result_moment order by s.metric, s.day) as moments,
      sum(s.faults)::bigint as faults
    from so_far s join metric m on m.id = s.metric
    left join walked w on w.key = s.key and w.metric = s.metric and w.day = s.day
    group by 1
  )
  select u.unit, coalesce(f.moments, '{}'), coalesce(f.faults, 0) from unit u left join fresh f on f.key = u.key;
end
$$;
revoke execute on function nunchi.result_moments(nunchi.result_trackers, text[], timestamptz) from public;
