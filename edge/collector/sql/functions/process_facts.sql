-- The events of the two arrays, side by side, with all that their effects need. Part of process(). Events that
-- are gone (erased, of a deleted project) are left out. What counts as what stands in docs/reference/events.md.
-- `offset 0` keeps each event a look-up by its whole key, in the one partition of its id. As a plain join Postgres
-- may read a project's every event for each of them, where it takes the tables for small.
create or replace function nunchi.process_facts(projects uuid[], ids uuid[]) returns nunchi.fact[]
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  select array_agg(row(e.project_id, e.id, e.environment, e.type, e.name, e.occurred_at,
    (e.occurred_at at time zone p.timezone)::date, e.anonymous_id, e.user_id, e.session_id, e.group_id,
    e.previous_id,
    -- What `nunchi verify` writes it takes away again.
    not e.bot and not e.internal and (e.sdk, e.name) <> ('nunchi-cli', 'nunchi verify'), e.page_url, e.page_referrer, page.path,
    -- Of an arrival alone: a page view that another page of the same site did not lead to.
    case when page.own is distinct from page.referrer and page.own is distinct from page.previous
      then left(coalesce(page.referrer, nullif(page.campaign ->> 'source', ''), 'direct'), 200) end,
    page.campaign, left(e.context ->> 'country', 100), left(e.context ->> 'deviceClass', 100),
    left(e.context ->> 'browser', 100), left(e.context ->> 'os', 100),
    left(track.conversion, 200),
    case when track.amount is null then null when coalesce(e.properties ->> 'currency', '') = '' then 'USD'
      when e.properties ->> 'currency' ~ '^[A-Za-z]{3}$' then upper((e.properties ->> 'currency') collate "C") else 'XXX' end,
    track.amount, left(track.feature, 200),
    -- Eight buckets to a doubling, so that a percentile is right to a tenth; of CLS the thousandth counts.
    vital.metric || ':' || ceil(8 * log(2, greatest(vital.value * vital.scale, 1))), vital.value,
    case when e.type in ('identify', 'group') and jsonb_typeof(e.properties) = 'object' then e.properties end
  )::nunchi.fact)
  from unnest(projects, ids) as c (project_id, id)
  join nunchi.projects p on p.id = c.project_id
  cross join lateral (select * from nunchi.analytics_events a
    where a.project_id = c.project_id and a.id = c.id offset 0) e
  left join lateral (select nunchi.host_of(e.page_url) as own, nunchi.host_of(e.page_referrer) as referrer,
      nunchi.host_of(e.properties ->> 'previousUrl') as previous,
      left(case when e.page_url is null then e.name else coalesce(nullif(substring(e.page_url
        from '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)'), ''), '/') end, 500) as path,
      case when jsonb_typeof(e.properties -> 'campaign') = 'object' and e.properties -> 'campaign' <> '{}'
        then e.properties -> 'campaign' end as campaign
    offset 0) page on e.type = 'page'
  left join lateral (select
      case jsonb_typeof(e.properties -> 'conversion') when 'string' then nullif(e.properties ->> 'conversion', '')
        when 'boolean' then case when e.properties -> 'conversion' = 'true' then e.name end
        else case when e.name in ('Order Completed', 'Signed Up', 'Subscription Started') then e.name end
        end as conversion,
      case when jsonb_typeof(e.properties -> 'feature') = 'string' and e.properties ->> 'feature' <> ''
        then e.properties ->> 'feature'
        when e.name in ('prompt_usage', 'tool_interactions', 'workflow_completions') then e.name end as feature,
      (select round(given.amount, 6) from (select case when jsonb_typeof(e.properties -> 'revenue') = 'number'
          -- Spaces and digits as numeric takes them: what \s and \d are depends on the database's locale.
          or e.properties ->> 'revenue' ~ '^[ \t\n\r\v\f]*[-+]?[0-9]{1,15}(\.[0-9]{1,20})?[ \t\n\r\v\f]*$'
          then (e.properties ->> 'revenue')::numeric end as amount) given
        where abs(given.amount) < 1e15) as amount
    offset 0) track on e.type = 'track'
  left join lateral (select e.properties ->> 'metric' as metric,
      case when jsonb_typeof(e.properties -> 'value') = 'number' then (e.properties ->> 'value')::numeric end as value,
      case e.properties ->> 'metric' when 'CLS' then 1000 else 1 end as scale
    offset 0) vital on e.type = 'track' and e.name = 'Web Vital' and abs(vital.value) < 1e9
      and vital.metric in ('CLS', 'FCP', 'INP', 'LCP', 'TTFB')
$$;
revoke execute on function nunchi.process_facts(uuid[], uuid[]) from public;
