-- What the kept sums say of a tracked metric by `ends`: in all (`day` is null) or, with `by_day`, at the end of each day. What
-- a fast clock dates beyond `ends` is in its last day.
-- Of retention, those whose day is over; of its last day the units themselves are asked. Part of summarize().
create or replace function nunchi.result_sums_of(tracked nunchi.result_trackers, metric nunchi.result_metrics, by_day boolean,
  ends timestamptz)
returns table (day date, variant text, units bigint, multiple bigint, faults bigint, sums numeric[])
language plpgsql stable set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  kind constant text := metric.plan ->> 'kind';
  zone constant text := (select p.timezone from nunchi.projects p where p.id = tracked.project_id);
  last constant date := (ends at time zone zone)::date;
  closes constant interval := make_interval(secs => (coalesce((metric.plan ->> 'fromMs')::float8, 0)
    + coalesce((metric.plan ->> 'windowMs')::float8, 0)) / 1000);
begin
  return query
  with grown as materialized (
    select s.day, s.variant, case when (s.metric = 0) = (kind not in ('retention', 'quantile')) then s.units else 0 end as units,
      s.multiple, s.faults, array[s.y, s.b, s.x, s.z, s.yy, s.yb, s.yx, s.yz, s.bb, s.bx, s.bz, s.xx, s.xz, s.zz] as v
    from nunchi.result_sums s
    where s.tracker = tracked.id and s.metric in (0, metric.id) and (s.metric = 0 or kind <> 'retention' or s.day < last)
    union all
    select last, r.variant, count(*), 0, 0, array[sum(m.y), 0, 0, 0, sum(m.y), 0, 0, 0, 0, 0, 0, 0, 0, 0]
    from nunchi.result_units r cross join lateral unnest(r.moments) m
    where kind = 'retention' and r.tracker = tracked.id and not r.multiple and m.metric = metric.id and m.day = last
      and r.assigned_at > last::timestamp at time zone zone - closes - interval '2 hours' and r.assigned_at <= ends - closes
    group by 2
  ), place as (
    select d.day, g.variant
    -- Of a variant that nobody sees any more only zeros are left.
    from (select o.variant from nunchi.result_sums o where o.tracker = tracked.id and o.metric = 0
      group by 1 having sum(o.units + o.multiple) > 0) g
    cross join lateral (select generate_series(least(min(o.day), last), least(max(o.day), last), '1 day')::date as day from grown o having by_day
      union all select null where not by_day) d
  )
  select p.day, p.variant, c.*
  from place p
  cross join lateral (
    select coalesce(sum(g.units), 0)::bigint, coalesce(sum(g.multiple), 0)::bigint, coalesce(sum(g.faults), 0)::bigint,
      array[sum(g.v[1]), sum(g.v[2]), sum(g.v[3]), sum(g.v[4]), sum(g.v[5]), sum(g.v[6]), sum(g.v[7]), sum(g.v[8]),
        sum(g.v[9]), sum(g.v[10]), sum(g.v[11]), sum(g.v[12]), sum(g.v[13]), sum(g.v[14])]
    from grown g where g.variant = p.variant and (p.day is null or g.day <= p.day or p.day = last)) c
  where p.day is not null or not by_day;
end
$$;
revoke execute on function nunchi.result_sums_of(nunchi.result_trackers, nunchi.result_metrics, boolean, timestamptz) from public;
