-- [{ metric, p75, samples }] from the day counts `vital METRIC:BUCKET`: bucket n holds values up to 2^(n/8), of
-- CLS in thousandths; the middle of the bucket in which the 75th percentile lies is right to a twentieth. Part of
-- overview().
create or replace function nunchi.overview_vitals(project uuid, env text, since date) returns jsonb
language sql stable set search_path = '' as $$
  with bucket as (
    select split_part(r.name, ':', 1) as metric, split_part(r.name, ':', 2)::integer as n, sum(r.events) as events
    from nunchi.rollup_days r
    where r.project_id = project and r.environment = env and r.day >= since and r.kind = 'vital'
    group by 1, 2
  ), counted as (
    select b.metric, b.n, sum(b.events) over (partition by b.metric order by b.n) as below,
      sum(b.events) over (partition by b.metric) as samples
    from bucket b
  ), quartile as (
    select c.metric, min(c.n) as n, max(c.samples) as samples
    from counted c where c.below >= 0.75 * c.samples group by c.metric
  )
  select coalesce(jsonb_agg(jsonb_build_object('metric', q.metric, 'samples', q.samples,
      'p75', round(case when q.n = 0 then 0 else 2 ^ ((q.n - 0.5) / 8.0) end
        / case q.metric when 'CLS' then 1000 else 1 end, 4)) order by m.place), '[]')
  from quartile q
  join (values ('LCP', 1), ('INP', 2), ('CLS', 3), ('FCP', 4), ('TTFB', 5)) m (metric, place) using (metric)
$$;
revoke execute on function nunchi.overview_vitals(uuid, text, date) from public;
