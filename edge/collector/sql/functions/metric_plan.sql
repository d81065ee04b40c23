-- What summarize() is asked for a metric's definition, as metricPlan() makes it in TypeScript: { kind, parts, fromMs,
-- windowMs, beforeMs, cap, quantile }. The definition is a valid one.
create or replace function nunchi.metric_plan(definition jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  with said as (
    select d ->> 'kind' as kind, coalesce(d -> 'source', '{}') as source, coalesce(d -> 'numerator', '{}') as over,
      coalesce(d -> 'denominator', '{}') as under, (d ->> 'windowHours')::numeric as hours
    from (select definition as d) one
  ), part as (
    select s.kind, p.n, p.source, case p.adds when 'added' then case when p.source ? 'property' then 'value' else 'one' end
      else p.adds end as adds
    from said s cross join lateral (
      select 1 as n, s.source, 'one' as adds where s.kind in ('conversion', 'count', 'retention')
      union all select 1, s.source, 'value' where s.kind in ('sum', 'mean', 'quantile')
      union all select 2, s.source, 'valued' where s.kind = 'mean'
      union all select 1, s.over, 'added' where s.kind = 'ratio'
      union all select 2, s.under, 'added' where s.kind = 'ratio'
      union all select t.n::integer, t.step, 'one' from jsonb_array_elements(definition -> 'steps') with ordinality t (step, n)
        where s.kind = 'funnel') p
  )
  select jsonb_build_object(
    'kind', case s.kind when 'conversion' then 'share' when 'count' then 'amount' when 'sum' then 'amount'
      when 'mean' then 'ratio' else s.kind end,
    'parts', (select jsonb_agg((p.source - 'property')
        || case when p.source ? 'event' and not p.source ? 'type' then '{"type": "track"}' else '{}'::jsonb end
        || case when p.adds <> 'one' and p.source ? 'property' then jsonb_build_object('property', p.source -> 'property')
          else '{}' end
        || jsonb_build_object('adds', p.adds) order by p.n) from part p),
    'fromMs', case when s.kind = 'retention' then coalesce((definition ->> 'day')::integer, 1) * 86400000::bigint else 0 end,
    'windowMs', case when s.kind = 'retention' then 86400000 else floor(s.hours * 3600000 + 0.5) end,
    'beforeMs', case when s.kind in ('quantile', 'funnel', 'retention') then 0
      when coalesce((definition ->> 'adjust')::boolean, s.kind in ('count', 'sum', 'mean', 'ratio')) then 1209600000 else 0 end,
    'cap', definition -> 'cap',
    'quantile', case when s.kind = 'quantile' then coalesce(definition -> 'quantile', '0.5') end)
  from said s
$$;
revoke execute on function nunchi.metric_plan(jsonb) from public;
