-- The visits that the events belong to. Part of process(). What is first and last goes by when it occurred, then
-- by id, so that the order in which events come makes no difference.
create or replace function nunchi.process_sessions(facts nunchi.fact[]) returns void
language sql set search_path = '' set jit = off as $$
  insert into nunchi.sessions as s (project_id, session_id, environment, anonymous_id, started_at, ended_at, events,
    pages, conversions, user_id, user_at, user_event_id, entry_at, first_event_id, entry_url, referrer, country,
    device_class, browser, os, exit_at, last_event_id, exit_url, campaign_at, campaign_event_id, campaign)
  select n.project_id, n.session_id, n.environment, n.anonymous_id, n.started_at, n.ended_at, n.events, n.pages,
    n.conversions, (n.person).user_id, (n.person).occurred_at, (n.person).id, (n.entry).occurred_at, (n.entry).id,
    (n.entry).page_url, (n.entry).referrer, (n.entry).country, (n.entry).device_class, (n.entry).browser,
    (n.entry).os, (n.exit).occurred_at, (n.exit).id, (n.exit).page_url, (n.landing).occurred_at, (n.landing).id,
    (n.landing).campaign
  from (
    select f.project_id, f.session_id, min(f.environment) as environment, min(f.anonymous_id) as anonymous_id,
      min(f.occurred_at) as started_at, max(f.occurred_at) as ended_at, count(*) as events,
      count(*) filter (where f.type = 'page') as pages, count(f.conversion) as conversions,
      (array_agg(f order by f.occurred_at desc, f.id desc) filter (where f.user_id is not null))[1] as person,
      (array_agg(f order by f.occurred_at, f.id) filter (where f.page_url is not null))[1] as entry,
      (array_agg(f order by f.occurred_at desc, f.id desc) filter (where f.page_url is not null))[1] as exit,
      (array_agg(f order by f.occurred_at, f.id) filter (where f.campaign is not null))[1] as landing
    from unnest(facts) f where f.counted and f.session_id is not null
    group by f.project_id, f.session_id
  ) n
  order by n.project_id, n.session_id
  on conflict (project_id, session_id) do update set
    environment = least(s.environment, excluded.environment),
    anonymous_id = least(s.anonymous_id, excluded.anonymous_id),
    started_at = least(s.started_at, excluded.started_at),
    ended_at = greatest(s.ended_at, excluded.ended_at),
    events = s.events + excluded.events,
    pages = s.pages + excluded.pages,
    conversions = s.conversions + excluded.conversions,
    (user_at, user_event_id, user_id) = (
      select w.at, w.id, w.who
      from (values (s.user_at, s.user_event_id, s.user_id),
        (excluded.user_at, excluded.user_event_id, excluded.user_id)) w (at, id, who)
      order by w.at desc nulls last, w.id desc limit 1),
    (entry_at, first_event_id, entry_url, referrer, country, device_class, browser, os) = (
      select w.*
      from (values (s.entry_at, s.first_event_id, s.entry_url, s.referrer, s.country, s.device_class, s.browser, s.os),
        (excluded.entry_at, excluded.first_event_id, excluded.entry_url, excluded.referrer, excluded.country,
          excluded.device_class, excluded.browser, excluded.os)) w (at, id, url, ref, c, d, b, o)
      order by w.at nulls last, w.id limit 1),
    (exit_at, last_event_id, exit_url) = (
      select w.*
      from (values (s.exit_at, s.last_event_id, s.exit_url),
        (excluded.exit_at, excluded.last_event_id, excluded.exit_url)) w (at, id, url)
      order by w.at desc nulls last, w.id desc limit 1),
    (campaign_at, campaign_event_id, campaign) = (
      select w.*
      from (values (s.campaign_at, s.campaign_event_id, s.campaign),
        (excluded.campaign_at, excluded.campaign_event_id, excluded.campaign)) w (at, id, c)
      order by w.at nulls last, w.id limit 1)
$$;
revoke execute on function nunchi.process_sessions(nunchi.fact[]) from public;
