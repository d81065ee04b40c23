-- What the units of a tracked metric come to by `ends`, apart by a dimension of the exposure (country, deviceClass,
-- browser, os) or by the `trait` of the person: the twenty values with the most units, and the others together. Without a
-- dimension all are one group. Of a quantile with its neighbours by rank. Part of summarize().
create or replace function nunchi.result_units_of(tracked nunchi.result_trackers, metric nunchi.result_metrics, dimension text,
  trait text, ends timestamptz)
returns table (place bigint, value text, other boolean, variant text, units bigint, multiple bigint, faults bigint, fault text,
  sums numeric[], around jsonb)
language plpgsql stable set search_path = '' set jit = off set enable_nestloop = off as $$
#variable_conflict use_column
declare
  kind constant text := metric.plan ->> 'kind';
  share constant float8 := metric.plan ->> 'quantile';
  closes constant interval := make_interval(secs => (coalesce((metric.plan ->> 'fromMs')::float8, 0)
    + coalesce((metric.plan ->> 'windowMs')::float8, 0)) / 1000);
begin
  return query
  with unit as materialized (
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
  ), ranked as (
    select u.value, row_number() over (order by count(*) desc, u.value collate "C") as place from unit u group by 1
  ), grouped as materialized (
    select least(k.place, 21) as place, case when k.place <= 20 then u.value end as value, u.variant, u.multiple, u.counts, u.y,
      u.b, u.x, u.z, u.faults, u.fault
    from unit u join ranked k on k.value = u.value or k.value is null and u.value is null
  ), rank as (
    select g.place, g.variant, g.y::float8 as y, row_number() over (partition by g.place, g.variant order by g.y) as rank,
      count(*) over (partition by g.place, g.variant) as n
    from grouped g where kind = 'quantile' and g.counts
  ), neighbours as (
    -- As summarize_raw() has them.
    select r.place, r.variant, jsonb_build_object(
      'low', min(r.y) filter (where r.rank = floor(r.n * share - q.z * sqrt(r.n * share * (1 - share)))),
      'high', min(r.y) filter (where r.rank = ceil(r.n * share + q.z * sqrt(r.n * share * (1 - share)))),
      'value', percentile_cont(share) within group (order by r.y)) as around
    from rank r cross join (select 1.959963984540054::float8 as z) q group by 1, 2
  ), said as (
    select g.place, min(g.value) as value, g.variant, count(*) filter (where g.counts) as units,
      count(*) filter (where g.multiple) as multiple, coalesce(sum(g.faults), 0)::bigint as faults, min(g.fault) as fault,
      array[sum(g.y) filter (where g.counts), sum(g.b) filter (where g.counts), sum(g.x) filter (where g.counts),
        sum(g.z) filter (where g.counts), sum(g.y * g.y) filter (where g.counts), sum(g.y * g.b) filter (where g.counts),
        sum(g.y * g.x) filter (where g.counts), sum(g.y * g.z) filter (where g.counts), sum(g.b * g.b) filter (where g.counts),
        sum(g.b * g.x) filter (where g.counts), sum(g.b * g.z) filter (where g.counts), sum(g.x * g.x) filter (where g.counts),
        sum(g.x * g.z) filter (where g.counts), sum(g.z * g.z) filter (where g.counts)] as sums
    from grouped g group by 1, 3
  )
  select s.place, s.value, s.place = 21, s.variant, s.units, s.multiple, s.faults, s.fault,
    array(select coalesce(v.n, 0) from unnest(s.sums) with ordinality v (n, i) order by v.i), n.around
  from said s left join neighbours n on n.place = s.place and n.variant = s.variant;
end
$$;
revoke execute on function nunchi.result_units_of(nunchi.result_trackers, nunchi.result_metrics, text, text, timestamptz) from public;
