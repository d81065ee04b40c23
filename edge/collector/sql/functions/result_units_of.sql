-- What the units of a tracked metric come to by `ends`, apart by a dimension of the exposure (country, deviceClass,
-- browser, os) or by the `trait` of the person: the twenty values with the most units, and the others together. Without a
-- dimension all are one group. Of a quantile with its neighbours by rank. Part of summarize().
create or replace function nunchi.result_units_of(tracked nunchi.result_trackers, metric nunchi.result_metrics, dimension text,
  trait text, ends timestamptz)
returns table (place bigint, value text, other boolean, variant text, units bigint, multiple bigint, faults bigint, fault text,
  sums numeric[], around jsonb)
language plpgsql stable set search_path = '' set jit = off set enable_nestloop = off set enable_memoize = off as $$
#variable_conflict use_column
declare
  kind constant text := metric.plan ->> 'kind';
  share constant float8 := metric.plan ->> 'quantile';
  closes constant interval := make_interval(secs => (coalesce((metric.plan ->> 'fromMs')::float8, 0)
    + coalesce((metric.plan ->> 'windowMs')::float8, 0)) / 1000);
begin
  return query
  with unit as not materialized (
    select case dimension when 'country' then r.country when 'deviceClass' then r.device_class when 'browser' then r.browser
        when 'os' then r.os when 'trait' then t.said end as value, r.variant, r.multiple,
      not r.multiple and case kind when 'retention' then r.assigned_at + closes <= ends when 'quantile' then m.y is not null
        else true end as counts, m.y, m.b, m.x, m.z, m.faults, m.fault
    from nunchi.result_units r
    left join lateral (select n.* from unnest(r.moments) n where n.metric = metric.id order by n.day desc limit 1) m on true
    left join (select s.subject, left(s.value #>> '{}', 100) as said from nunchi.traits s
      where dimension = 'trait' and s.project_id = tracked.project_id and s.kind = 'user' and s.key = trait
        and jsonb_typeof(s.value) in ('string', 'number', 'boolean')) t on t.subject = r.person
    where r.tracker = tracked.id
  ), apart as materialized (
    -- All units are read once; whoever did nothing adds nothing.
    select u.value, coalesce('=' || u.value, '') as key, u.variant, count(*) as seen, count(*) filter (where u.counts) as units,
      count(*) filter (where u.multiple) as multiple, sum(u.faults) as faults, min(u.fault) as fault,
      sum(u.y) filter (where u.counts) as y, sum(u.b) filter (where u.counts) as b, sum(u.x) filter (where u.counts) as x,
      sum(u.z) filter (where u.counts) as z, sum(u.y * u.y) filter (where u.counts) as yy,
      sum(u.y * u.b) filter (where u.counts) as yb, sum(u.y * u.x) filter (where u.counts) as yx,
      sum(u.y * u.z) filter (where u.counts) as yz, sum(u.b * u.b) filter (where u.counts) as bb,
      sum(u.b * u.x) filter (where u.counts) as bx, sum(u.b * u.z) filter (where u.counts) as bz,
      sum(u.x * u.x) filter (where u.counts) as xx, sum(u.x * u.z) filter (where u.counts) as xz,
      sum(u.z * u.z) filter (where u.counts) as zz
    from unit u group by u.value, u.variant
  ), ranked as materialized (
    select a.key, row_number() over (order by sum(a.seen) desc, min(a.value) collate "C") as place from apart a group by 1
  ), rank as (
    select least(k.place, 21) as place, u.variant, u.y::float8 as y,
      row_number() over (partition by least(k.place, 21), u.variant order by u.y) as rank,
      count(*) over (partition by least(k.place, 21), u.variant) as n
    from unit u join ranked k on k.key = coalesce('=' || u.value, '') where kind = 'quantile' and u.counts
  ), neighbours as (
    -- As summarize_raw() has them.
    select r.place, r.variant, jsonb_build_object(
      'low', min(r.y) filter (where r.rank = floor(r.n * share - q.z * sqrt(r.n * share * (1 - share)))),
      'high', min(r.y) filter (where r.rank = ceil(r.n * share + q.z * sqrt(r.n * share * (1 - share)))),
      'value', percentile_cont(share) within group (order by r.y)) as around
    from rank r cross join (select 1.959963984540054::float8 as z) q group by 1, 2
  ), said as (
    select least(k.place, 21) as place, case when least(k.place, 21) < 21 then min(a.value) end as value, a.variant,
      sum(a.units)::bigint as units, sum(a.multiple)::bigint as multiple, coalesce(sum(a.faults), 0)::bigint as faults,
      min(a.fault) as fault, array[sum(a.y), sum(a.b), sum(a.x), sum(a.z), sum(a.yy), sum(a.yb), sum(a.yx), sum(a.yz),
        sum(a.bb), sum(a.bx), sum(a.bz), sum(a.xx), sum(a.xz), sum(a.zz)] as sums
    from apart a join ranked k on k.key = a.key group by 1, 3
  )
  select s.place, s.value, s.place = 21, s.variant, s.units, s.multiple, s.faults, s.fault,
    array(select coalesce(v.n, 0) from unnest(s.sums) with ordinality v (n, i) order by v.i), n.around
  from said s left join neighbours n on n.place = s.place and n.variant = s.variant;
end
$$;
revoke execute on function nunchi.result_units_of(nunchi.result_trackers, nunchi.result_metrics, text, text, timestamptz) from public;
