-- What nunchi.sessions should hold of the visits that lie within a span. Part of recount().
create or replace function nunchi.recount_sessions(project uuid, since timestamptz, until timestamptz)
returns setof nunchi.sessions
language sql stable set search_path = '' set jit = off as $$
  with r as materialized (
    select * from nunchi.raw_events(project, since, until) e where e.counted and e.session_id is not null
  ), people as (
    select distinct on (session_id) * from r where user_id is not null order by session_id, occurred_at desc, id desc
  ), entries as (
    select distinct on (session_id) * from r where page_url is not null order by session_id, occurred_at, id
  ), exits as (
    select distinct on (session_id) * from r where page_url is not null
    order by session_id, occurred_at desc, id desc
  ), landings as (
    select distinct on (session_id) * from r
    where type = 'page' and jsonb_typeof(properties -> 'campaign') = 'object' and properties -> 'campaign' <> '{}'
    order by session_id, occurred_at, id
  ), visits as (
    select session_id, min(environment) as environment, min(anonymous_id) as anonymous_id, min(occurred_at) as started,
      max(occurred_at) as ended, count(*) as events, sum((type = 'page')::integer) as pages, count(conversion) as goals
    from r group by session_id
  )
  select (jsonb_populate_record(null::nunchi.sessions, jsonb_build_object('project_id', project,
    'session_id', v.session_id, 'environment', v.environment, 'anonymous_id', v.anonymous_id, 'started_at', v.started,
    'ended_at', v.ended, 'events', v.events, 'pages', v.pages, 'conversions', v.goals, 'user_id', p.user_id,
    'user_at', p.occurred_at, 'user_event_id', p.id, 'entry_at', n.occurred_at, 'first_event_id', n.id,
    'entry_url', n.page_url, 'referrer', n.page_referrer, 'country', left(n.context ->> 'country', 100),
    'device_class', left(n.context ->> 'deviceClass', 100), 'browser', left(n.context ->> 'browser', 100),
    'os', left(n.context ->> 'os', 100), 'exit_at', x.occurred_at, 'last_event_id', x.id, 'exit_url', x.page_url,
    'campaign_at', l.occurred_at, 'campaign_event_id', l.id, 'campaign', l.properties -> 'campaign'))).*
  from visits v
  left join people p on p.session_id = v.session_id
  left join entries n on n.session_id = v.session_id
  left join exits x on x.session_id = v.session_id
  left join landings l on l.session_id = v.session_id
$$;
revoke execute on function nunchi.recount_sessions(uuid, timestamptz, timestamptz) from public;
