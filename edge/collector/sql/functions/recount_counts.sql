-- What rollup_days and rollup_minutes should hold of a span, shards added up. Part of recount(): a day's `bucket` is
-- its date as text, a minute's its time in UTC.
create or replace function nunchi.recount_counts(project uuid, since timestamptz, until timestamptz)
returns table (grain text, environment text, bucket text, kind text, name text, events bigint, amount numeric)
language sql stable set search_path = '' set timezone = 'UTC' set jit = off as $$
  with counted as materialized (
    select e.*, e.context ->> 'country' as country, e.context ->> 'deviceClass' as device,
      e.context ->> 'browser' as browser, e.context ->> 'os' as os
    from nunchi.raw_events(project, since, until) e where e.counted
  ), pages as (
    select c.*, coalesce(nullif(split_part(split_part(regexp_replace(c.page_url, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*',
        ''), '#', 1), '?', 1), ''), case when c.page_url is null then c.name else '/' end) as path,
      nunchi.host_of(c.page_url) as own, nunchi.host_of(c.page_referrer) as referrer,
      nunchi.host_of(c.properties ->> 'previousUrl') as previous
    from counted c where c.type = 'page'
  ), vitals as (
    select c.*, c.properties ->> 'metric' as metric, v.value::text::numeric as value
    from counted c cross join lateral jsonb_path_query(c.properties, 'strict $.value ? (@.type() == "number")',
      silent => true) v (value)
    where c.type = 'track' and c.name = 'Web Vital'
      and c.properties ->> 'metric' = any ('{CLS,FCP,INP,LCP,TTFB}')
  ), bounds as materialized (
    select k, power(2::numeric, k / 8.0) as most from generate_series(0, 400) k
  ), named as (
    select environment, day, minute, true as fine, 'total' as kind, '' as name, 0::numeric as amount from counted
    union all
    select environment, day, minute, true, 'type', type, 0 from counted
    union all
    select environment, day, minute, true, 'conversion', conversion, 0 from counted where conversion is not null
    union all
    select environment, day, minute, true, 'feature', feature, 0 from counted where feature is not null
    union all
    select environment, day, minute, true, 'revenue', currency, amount from counted where amount is not null
    union all
    select environment, day, minute, false, 'event', name, 0 from counted where type = 'track'
    union all
    select environment, day, minute, false, 'page', left(path, 500), 0 from pages
    union all
    select environment, day, minute, false, 'source', left(coalesce(referrer,
      case when jsonb_typeof(properties -> 'campaign') = 'object' then nullif(properties #>> '{campaign,source}', '') end,
      'direct'), 200), 0
    from pages where own is not null and own is distinct from referrer and own is distinct from previous
      or own is null and referrer is not null and previous is not null
    union all
    select environment, day, minute, false, 'campaign', left(properties #>> '{campaign,name}', 200), 0
    from pages where jsonb_typeof(properties -> 'campaign') = 'object' and properties #>> '{campaign,name}' <> ''
    union all
    select environment, day, minute, false, d.kind, left(d.name, 100), 0
    from pages cross join lateral (values ('country', country), ('device', device), ('browser', browser), ('os', os))
      d (kind, name)
    where d.name is not null
    union all
    select environment, day, minute, false, 'vital', metric || ':' || (
        select min(b.k) from bounds b where b.most >= value * case metric when 'CLS' then 1000 else 1 end), value
    from vitals where abs(value) < 1e9
    union all
    select x.place[1], x.day, null, false, 'experiment_failure', x.place[2], 0
    from nunchi.recount_experiments(project, since) x where x.area = 'experiment_failure' and x.at < until
  )
  select 'day', environment, day::text, kind, name, count(*), sum(amount) from named group by 2, 3, 4, 5
  union all
  select 'minute', environment, minute::text, kind, name, count(*), sum(amount) from named where fine group by 2, 3, 4, 5
$$;
revoke execute on function nunchi.recount_counts(uuid, timestamptz, timestamptz) from public;
