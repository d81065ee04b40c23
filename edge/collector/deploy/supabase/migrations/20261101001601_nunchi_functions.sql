-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

set check_function_bodies = off;

-- nunchi_data.projects: the projects that you may read.
create or replace view nunchi_data.projects with (security_invoker = true) as
select p.id as project_id, p.name, p.timezone, p.created_at
from nunchi.projects p;

comment on view nunchi_data.projects is 'The projects that you may read.';
comment on column nunchi_data.projects.project_id is 'What every other view names the project by.';
comment on column nunchi_data.projects.name is 'Its name, unique in this database.';
comment on column nunchi_data.projects.timezone is 'The IANA time zone in which its days are counted.';
comment on column nunchi_data.projects.created_at is 'When it was made.';

-- nunchi_data.alias_end(): where a chain of aliases ends, step by step. For the few ids that have one. A chain is
-- followed for 32 steps, as processing does: whoever makes up a longer one must not make every question slow.
create or replace function nunchi_data.alias_end(project uuid, id text) returns text
language sql stable begin atomic
  with recursive step as (
    select 0 as n, alias_end.id as current
    union all
    select s.n + 1, a.user_id
    from step s join nunchi.aliases a on a.project_id = project and a.previous_id = s.current
    where s.n < 96
  ), circle as (
    -- The next 32 ids and the 32 after them are the same ones.
    select min(s.current) filter (where s.n between 32 and 63) as smallest,
      min(s.current) filter (where s.n between 64 and 95) as again, max(s.n) = 96 as long
    from step s
  )
  -- Of ids that go round in a circle the smallest, as processing has it.
  select case when c.long and c.smallest = c.again then c.smallest
    else (select s.current from step s where s.n between 1 and 32 order by s.n desc limit 1) end
  from circle c;
end;
revoke execute on function nunchi_data.alias_end(uuid, text) from public;
grant execute on function nunchi_data.alias_end(uuid, text) to nunchi_reader;
comment on function nunchi_data.alias_end(uuid, text) is 'The id that an id goes on as at the end of its chain of aliases, 32 at most; null where it has none.';

-- nunchi_data.aliases: ids that ended, and the id that each goes on as, over any number of steps.
-- One step is nearly always all there is, and a join: it costs little among any number of aliases, and the planner
-- leaves it out of a query that asks for no person.
create or replace view nunchi_data.aliases with (security_invoker = true) as
select a.project_id, a.previous_id,
  case when b.previous_id is null then a.user_id else nunchi_data.alias_end(a.project_id, a.previous_id) end as person_id,
  a.linked_at
from nunchi.aliases a
left join nunchi.aliases b on b.project_id = a.project_id and b.previous_id = a.user_id;

comment on view nunchi_data.aliases is
  'Ids that alias() ended, and the person each goes on as. The other views have followed them already.';
comment on column nunchi_data.aliases.project_id is 'The project.';
comment on column nunchi_data.aliases.previous_id is 'The id that ended.';
comment on column nunchi_data.aliases.person_id is 'The id that it goes on as, at the end of the chain.';
comment on column nunchi_data.aliases.linked_at is 'When the alias was made.';

-- nunchi_data.identities: which visitor turned out to be which person.
create or replace view nunchi_data.identities with (security_invoker = true) as
select i.project_id, i.anonymous_id, coalesce(a.person_id, i.user_id) as person_id, i.linked_at
from nunchi.identities i
left join nunchi_data.aliases a on a.project_id = i.project_id and a.previous_id = i.user_id;

comment on view nunchi_data.identities is
  'Visitors who signed in, and the person each is. The first link of a visitor holds, for the visitor''s past too.';
comment on column nunchi_data.identities.project_id is 'The project.';
comment on column nunchi_data.identities.anonymous_id is 'The visitor, on one device.';
comment on column nunchi_data.identities.person_id is 'The person, aliases followed.';
comment on column nunchi_data.identities.linked_at is 'When the visitor first signed in.';

-- nunchi_data.all_events: every event that is stored, those of programs and of your own people too.
create or replace view nunchi_data.all_events with (security_invoker = true) as
select e.project_id, e.environment, e.id, e.occurred_at, e.type, e.name,
  coalesce(au.person_id, e.user_id, i.person_id, aa.person_id, e.anonymous_id) as person_id,
  e.user_id, e.anonymous_id, e.session_id, e.group_id,
  e.page_url,
  regexp_replace(lower(lower(substring(e.page_url
    from '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]+)') collate "C") collate "default"), '^www\.', '') as page_host,
  case when e.page_url is not null then
    coalesce(nullif(substring(e.page_url from '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?([^?#]*)'), ''), '/') end as page_path,
  e.page_title,
  e.page_referrer as referrer,
  regexp_replace(lower(lower(substring(e.page_referrer
    from '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]+)') collate "C") collate "default"), '^www\.', '') as referrer_host,
  e.context ->> 'country' as country,
  e.context ->> 'deviceClass' as device_class,
  e.context ->> 'browser' as browser,
  e.context ->> 'os' as os,
  e.context ->> 'locale' as locale,
  e.context ->> 'timezone' as timezone,
  e.properties, e.user_context, e.experiment_context, e.personalization_context, e.context,
  e.bot, e.internal, e.clock_suspect, e.received_at, e.ts as sent_time, e.skew_ms, e.tab, e.seq, e.sdk, e.key_id
from nunchi.analytics_events e
left join nunchi_data.aliases au on au.project_id = e.project_id and au.previous_id = e.user_id
left join nunchi_data.identities i on i.project_id = e.project_id and i.anonymous_id = e.anonymous_id
left join nunchi_data.aliases aa on aa.project_id = e.project_id and aa.previous_id = e.anonymous_id;

comment on view nunchi_data.all_events is
  'Every event that is stored, once. For figures take events: it leaves out programs and your own people.';
comment on column nunchi_data.all_events.project_id is 'The project.';
comment on column nunchi_data.all_events.environment is 'development, staging or production: of the key that it came with.';
comment on column nunchi_data.all_events.id is 'Made when the event happened; its first 48 bits are the sender''s clock in ms.';
comment on column nunchi_data.all_events.occurred_at is 'When it happened, by the collector''s clock. Ask by this one.';
comment on column nunchi_data.all_events.type is 'track, identify, page, group or alias.';
comment on column nunchi_data.all_events.name is 'What happened, such as Order Completed; of a page view the path.';
comment on column nunchi_data.all_events.person_id is
  'The person: the user, else who the visitor later turned out to be, else the visitor; aliases followed.';
comment on column nunchi_data.all_events.user_id is 'The user as the event says, null before signing in.';
comment on column nunchi_data.all_events.anonymous_id is 'The visitor, on one device.';
comment on column nunchi_data.all_events.session_id is 'The visit.';
comment on column nunchi_data.all_events.group_id is 'The group that a group event joins.';
comment on column nunchi_data.all_events.page_url is 'The address of the page that it happened on.';
comment on column nunchi_data.all_events.page_host is 'The host of page_url, without www.';
comment on column nunchi_data.all_events.page_path is 'The path of page_url, without query and fragment.';
comment on column nunchi_data.all_events.page_title is 'The title of the page.';
comment on column nunchi_data.all_events.referrer is 'The address that led to the page.';
comment on column nunchi_data.all_events.referrer_host is 'The host of referrer, without www.';
comment on column nunchi_data.all_events.country is 'ISO 3166 alpha-2, from the platform''s headers; null where there are none.';
comment on column nunchi_data.all_events.device_class is 'desktop, mobile, tablet, bot, server or other.';
comment on column nunchi_data.all_events.browser is 'The browser''s name.';
comment on column nunchi_data.all_events.os is 'The operating system''s name.';
comment on column nunchi_data.all_events.locale is 'The browser''s language, such as ko-KR.';
comment on column nunchi_data.all_events.timezone is 'The browser''s IANA time zone.';
comment on column nunchi_data.all_events.properties is 'What the caller said about it; of identify and group the traits.';
comment on column nunchi_data.all_events.user_context is 'Behaviour on the visit until then: depth, time, scrolling, device.';
comment on column nunchi_data.all_events.experiment_context is 'Experiments and variants that were active.';
comment on column nunchi_data.all_events.personalization_context is 'Recommendations that were shown and clicked.';
comment on column nunchi_data.all_events.context is 'The browser or server that sent it, and what the collector added.';
comment on column nunchi_data.all_events.bot is 'Whether a program sent it.';
comment on column nunchi_data.all_events.internal is 'Whether it came with a key that is marked internal.';
comment on column nunchi_data.all_events.clock_suspect is
  'Whether the sender''s clock was off by more than 48 hours, or the id does not tell when it occurred.';
comment on column nunchi_data.all_events.received_at is 'When the collector got it.';
comment on column nunchi_data.all_events.sent_time is 'When it happened, by the sender''s clock.';
comment on column nunchi_data.all_events.skew_ms is 'The collector''s clock minus the sender''s, in ms.';
comment on column nunchi_data.all_events.tab is 'The tab or server process that made it.';
comment on column nunchi_data.all_events.seq is 'Counts up by one per event within tab.';
comment on column nunchi_data.all_events.sdk is 'The sender and its version.';
comment on column nunchi_data.all_events.key_id is 'The number of the key that it came with.';

-- nunchi_data.events: the events that figures are made of.
create or replace view nunchi_data.events with (security_invoker = true) as
select * from nunchi_data.all_events e where not e.bot and not e.internal;

comment on view nunchi_data.events is 'Events of people: all_events without programs and your own people.';

-- nunchi_data.pages: page views, with where they came from.
create or replace view nunchi_data.pages with (security_invoker = true) as
select e.project_id, e.environment, e.id, e.occurred_at, e.person_id, e.anonymous_id, e.session_id,
  e.page_url, e.page_host, e.page_path, e.page_title, e.referrer, e.referrer_host,
  e.properties ->> 'previousUrl' as previous_url,
  e.properties -> 'campaign' ->> 'source' as campaign_source,
  e.properties -> 'campaign' ->> 'medium' as campaign_medium,
  e.properties -> 'campaign' ->> 'name' as campaign_name,
  e.properties -> 'campaign' ->> 'term' as campaign_term,
  e.properties -> 'campaign' ->> 'content' as campaign_content,
  e.country, e.device_class, e.browser, e.os, e.locale, e.properties, e.clock_suspect
from nunchi_data.events e
where e.type = 'page';

comment on view nunchi_data.pages is 'Page views of people, one row each.';
comment on column nunchi_data.pages.previous_url is 'The page of this site that was open before.';
comment on column nunchi_data.pages.campaign_source is 'utm_source of the address.';
comment on column nunchi_data.pages.campaign_medium is 'utm_medium of the address.';
comment on column nunchi_data.pages.campaign_name is 'utm_campaign of the address.';
comment on column nunchi_data.pages.campaign_term is 'utm_term of the address.';
comment on column nunchi_data.pages.campaign_content is 'utm_content of the address.';

-- nunchi_data.vitals: web vitals as measured in visitors' browsers.
create or replace view nunchi_data.vitals with (security_invoker = true) as
select e.project_id, e.environment, e.id, e.occurred_at,
  e.properties ->> 'metric' as metric,
  case when jsonb_typeof(e.properties -> 'value') = 'number' then (e.properties ->> 'value')::numeric end as value,
  e.properties ->> 'rating' as rating,
  e.properties ->> 'navigationType' as navigation_type,
  e.properties ->> 'id' as metric_id,
  e.person_id, e.anonymous_id, e.session_id, e.page_url, e.page_host, e.page_path,
  e.country, e.device_class, e.browser, e.os, e.clock_suspect
from nunchi_data.events e
where e.type = 'track' and e.name = 'Web Vital';

comment on view nunchi_data.vitals is 'Web vitals of people''s page loads, one row per metric and load.';
comment on column nunchi_data.vitals.metric is 'LCP, INP, CLS, FCP or TTFB.';
comment on column nunchi_data.vitals.value is 'In ms; of CLS a number without a unit.';
comment on column nunchi_data.vitals.rating is 'good, needs-improvement or poor, by the thresholds of web.dev.';
comment on column nunchi_data.vitals.navigation_type is 'navigate, reload, back-forward, back-forward-cache, prerender or restore.';
comment on column nunchi_data.vitals.metric_id is 'Tells the loads of one page apart.';

-- nunchi_data.conversions: what counts as a conversion, as processing counts it.
create or replace view nunchi_data.conversions with (security_invoker = true) as
select c.project_id, c.environment, c.id, c.occurred_at, c.conversion, c.name as event_name, c.person_id, c.user_id,
  c.anonymous_id, c.session_id, c.page_url, c.page_path, c.country, c.device_class, c.browser, c.os, c.properties,
  c.clock_suspect
from (
  select e.*, case jsonb_typeof(e.properties -> 'conversion')
      when 'string' then nullif(e.properties ->> 'conversion', '')
      when 'boolean' then case when e.properties -> 'conversion' = 'true' then e.name end
      else case when e.name in ('Order Completed', 'Signed Up', 'Subscription Started') then e.name end
    end as conversion
  from nunchi_data.events e
  where e.type = 'track'
) c
where c.conversion is not null;

comment on view nunchi_data.conversions is
  'Conversions of people: Order Completed, Signed Up, Subscription Started, and any event with the property conversion (false takes it out).';
comment on column nunchi_data.conversions.conversion is 'Which one: the property conversion where it is text, else the event''s name.';
comment on column nunchi_data.conversions.event_name is 'The event''s own name.';

-- nunchi_data.features: uses of a product's features.
create or replace view nunchi_data.features with (security_invoker = true) as
select f.project_id, f.environment, f.id, f.occurred_at, f.feature, f.name as event_name, f.person_id, f.user_id,
  f.anonymous_id, f.session_id, f.page_path, f.properties, f.clock_suspect
from (
  select e.*, case when jsonb_typeof(e.properties -> 'feature') = 'string' and e.properties ->> 'feature' <> ''
      then e.properties ->> 'feature'
    when e.name in ('prompt_usage', 'tool_interactions', 'workflow_completions') then e.name end as feature
  from nunchi_data.events e
  where e.type = 'track'
) f
where f.feature is not null;

comment on view nunchi_data.features is
  'Feature uses of people: prompt_usage, tool_interactions, workflow_completions, and any event with the property feature.';
comment on column nunchi_data.features.feature is 'Which one: the property feature where it is text, else the event''s name.';
comment on column nunchi_data.features.event_name is 'The event''s own name.';

-- nunchi_data.revenue: what was paid, as processing counts it.
create or replace view nunchi_data.revenue with (security_invoker = true) as
select r.project_id, r.environment, r.id, r.occurred_at, r.amount,
  case when coalesce(r.properties ->> 'currency', '') = '' then 'USD'
    when r.properties ->> 'currency' ~ '^[A-Za-z]{3}$' then upper((r.properties ->> 'currency') collate "C") collate "default" else 'XXX' end as currency,
  r.name as event_name, r.person_id, r.user_id, r.anonymous_id, r.session_id, r.page_path, r.country, r.device_class,
  r.properties, r.clock_suspect
from (
  select e.*, case when jsonb_typeof(e.properties -> 'revenue') = 'number'
      -- Spaces and digits as numeric takes them: what \s and \d are depends on the database's locale.
      or e.properties ->> 'revenue' ~ '^[ \t\n\r\v\f]*[-+]?[0-9]{1,15}(\.[0-9]{1,20})?[ \t\n\r\v\f]*$'
    then round((e.properties ->> 'revenue')::numeric, 6) end as amount
  from nunchi_data.events e
  where e.type = 'track'
) r
where abs(r.amount) < 1e15;

comment on view nunchi_data.revenue is 'Events of people with the property revenue, whether they are conversions or not.';
comment on column nunchi_data.revenue.amount is 'The property revenue: a number, or text that reads as one; negative for a refund.';
comment on column nunchi_data.revenue.currency is 'ISO 4217; USD where the event names none, XXX where it names what is none.';
comment on column nunchi_data.revenue.event_name is 'The event''s own name.';

-- nunchi_data.sessions: visits, one row each.
create or replace view nunchi_data.sessions with (security_invoker = true) as
select s.project_id, s.environment, s.session_id, s.started_at, s.ended_at,
  extract(epoch from s.ended_at - s.started_at)::double precision as seconds,
  coalesce(au.person_id, s.user_id, i.person_id, aa.person_id, s.anonymous_id) as person_id,
  s.user_id, s.anonymous_id, s.events, s.pages, s.conversions,
  s.pages <= 1 and s.events <= 1 as bounced,
  s.entry_url,
  case when s.entry_url is not null then
    coalesce(nullif(substring(s.entry_url from '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?([^?#]*)'), ''), '/') end as entry_path,
  s.exit_url,
  case when s.exit_url is not null then
    coalesce(nullif(substring(s.exit_url from '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?([^?#]*)'), ''), '/') end as exit_path,
  s.referrer,
  regexp_replace(lower(lower(substring(s.referrer
    from '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]+)') collate "C") collate "default"), '^www\.', '') as referrer_host,
  s.campaign ->> 'source' as campaign_source,
  s.campaign ->> 'medium' as campaign_medium,
  s.campaign ->> 'name' as campaign_name,
  s.campaign ->> 'term' as campaign_term,
  s.campaign ->> 'content' as campaign_content,
  s.country, s.device_class, s.browser, s.os
from nunchi.sessions s
left join nunchi_data.aliases au on au.project_id = s.project_id and au.previous_id = s.user_id
left join nunchi_data.identities i on i.project_id = s.project_id and i.anonymous_id = s.anonymous_id
left join nunchi_data.aliases aa on aa.project_id = s.project_id and aa.previous_id = s.anonymous_id;

comment on view nunchi_data.sessions is 'Visits of people, one row each, made as events are processed.';
comment on column nunchi_data.sessions.started_at is 'When its first event occurred.';
comment on column nunchi_data.sessions.ended_at is 'When its newest event occurred.';
comment on column nunchi_data.sessions.seconds is 'From its first event to its newest.';
comment on column nunchi_data.sessions.user_id is 'The user that its newest event with one names.';
comment on column nunchi_data.sessions.events is 'How many events it has.';
comment on column nunchi_data.sessions.pages is 'How many of them are page views.';
comment on column nunchi_data.sessions.conversions is 'How many of them are conversions.';
comment on column nunchi_data.sessions.bounced is 'Whether nothing happened after its first page view.';
comment on column nunchi_data.sessions.entry_url is 'The address of its first page.';
comment on column nunchi_data.sessions.entry_path is 'The path of entry_url.';
comment on column nunchi_data.sessions.exit_url is 'The address of its newest page.';
comment on column nunchi_data.sessions.exit_path is 'The path of exit_url.';
comment on column nunchi_data.sessions.referrer is 'The address that led to its first page.';
comment on column nunchi_data.sessions.campaign_source is 'utm_source of its first page.';
comment on column nunchi_data.sessions.campaign_medium is 'utm_medium of its first page.';
comment on column nunchi_data.sessions.campaign_name is 'utm_campaign of its first page.';
comment on column nunchi_data.sessions.campaign_term is 'utm_term of its first page.';
comment on column nunchi_data.sessions.campaign_content is 'utm_content of its first page.';

-- nunchi_data.people: everyone who was there, visitors joined to the person that they turned out to be.
create or replace view nunchi_data.people with (security_invoker = true) as
with present as (
  select v.project_id, v.environment, v.day, nullif(v.anonymous_id, '') as anonymous_id, v.user_id <> '' as signed_in,
    coalesce(au.person_id, nullif(v.user_id, ''), i.person_id, aa.person_id, v.anonymous_id) as person_id
  from nunchi.daily_visitors v
  left join nunchi_data.aliases au on au.project_id = v.project_id and au.previous_id = v.user_id
  left join nunchi_data.identities i on i.project_id = v.project_id and i.anonymous_id = v.anonymous_id
  left join nunchi_data.aliases aa on aa.project_id = v.project_id and aa.previous_id = v.anonymous_id
), days as (
  select p.project_id, p.person_id, bool_or(p.signed_in) as signed_in, array_agg(distinct p.environment) as environments,
    min(p.day) as first_day, max(p.day) as last_day, count(distinct p.day) as days,
    array_agg(distinct p.anonymous_id) filter (where p.anonymous_id is not null) as anonymous_ids
  from present p group by 1, 2
), visits as (
  select s.project_id, s.person_id, min(s.started_at) as first_seen_at, max(s.ended_at) as last_seen_at,
    count(*) as sessions, sum(s.events)::bigint as events, sum(s.pages)::bigint as pages,
    sum(s.conversions)::bigint as conversions
  from nunchi_data.sessions s where s.person_id is not null group by 1, 2
), links as (
  select i.project_id, i.person_id, min(i.linked_at) as identified_at
  from nunchi_data.identities i group by 1, 2
), traits as (
  -- Of a trait that two merged ids have, the newest value.
  select t.project_id, coalesce(a.person_id, i.person_id, t.subject) as person_id,
    jsonb_object_agg(t.key, t.value order by t.set_at, t.event_id) as traits
  from nunchi.traits t
  left join nunchi_data.aliases a on a.project_id = t.project_id and a.previous_id = t.subject
  left join nunchi_data.identities i on i.project_id = t.project_id and i.anonymous_id = t.subject
  where t.kind = 'user' group by 1, 2
), everyone as (
  select d.project_id, d.person_id from days d
  union select v.project_id, v.person_id from visits v
)
select o.project_id, o.person_id,
  coalesce(d.signed_in, false) or l.person_id is not null as identified,
  l.identified_at, v.first_seen_at, v.last_seen_at, d.first_day, d.last_day, coalesce(d.days, 0) as days,
  coalesce(v.sessions, 0) as sessions, coalesce(v.events, 0) as events, coalesce(v.pages, 0) as pages,
  coalesce(v.conversions, 0) as conversions, coalesce(d.anonymous_ids, '{}') as anonymous_ids,
  coalesce(d.environments, '{}') as environments, coalesce(t.traits, '{}') as traits
from everyone o
left join days d using (project_id, person_id)
left join visits v using (project_id, person_id)
left join links l using (project_id, person_id)
left join traits t using (project_id, person_id);

comment on view nunchi_data.people is
  'Everyone who was there, one row each: the devices and visits of one person together. Made as events are processed.';
comment on column nunchi_data.people.person_id is 'The user''s id, or of a visitor who never signed in the anonymous id.';
comment on column nunchi_data.people.identified is 'Whether they ever signed in.';
comment on column nunchi_data.people.identified_at is 'When they first signed in on a device that had been here before.';
comment on column nunchi_data.people.first_seen_at is 'When their first visit began; null without one (server events).';
comment on column nunchi_data.people.last_seen_at is 'When their newest visit had its newest event.';
comment on column nunchi_data.people.first_day is 'Their first day, in the project''s time zone.';
comment on column nunchi_data.people.last_day is 'Their newest day, in the project''s time zone.';
comment on column nunchi_data.people.days is 'On how many days they were there.';
comment on column nunchi_data.people.sessions is 'How many visits they made.';
comment on column nunchi_data.people.events is 'How many events their visits have.';
comment on column nunchi_data.people.pages is 'How many page views their visits have.';
comment on column nunchi_data.people.conversions is 'How many conversions their visits have.';
comment on column nunchi_data.people.anonymous_ids is 'Their devices.';
comment on column nunchi_data.people.environments is 'The environments in which they were seen.';
comment on column nunchi_data.people.traits is 'What identify() said of them: the newest value of each trait.';

-- nunchi_data.days: counts by day, ready made.
create or replace view nunchi_data.days with (security_invoker = true) as
select r.project_id, r.environment, r.day, r.kind, r.name, sum(r.events)::bigint as events, sum(r.amount) as amount
from nunchi.rollup_days r
group by r.project_id, r.environment, r.day, r.kind, r.name;

comment on view nunchi_data.days is
  'Counts by day, ready made as events are processed: quick at any size. Programs and your own people are left out.';
comment on column nunchi_data.days.day is 'In the project''s time zone.';
comment on column nunchi_data.days.kind is
  'What is counted: total, type, event, page, source, campaign, country, device, browser, os, conversion, revenue, feature, vital, experiment_failure.';
comment on column nunchi_data.days.name is 'Which one: the event, the path, the host, the country; empty for total.';
comment on column nunchi_data.days.events is 'How many events.';
comment on column nunchi_data.days.amount is 'Of revenue the sum, in the currency that name says; of vital the sum of the values; else 0.';

-- nunchi_data.minutes: counts by minute, ready made.
create or replace view nunchi_data.minutes with (security_invoker = true) as
select r.project_id, r.environment, r.minute, r.kind, r.name, sum(r.events)::bigint as events, sum(r.amount) as amount
from nunchi.rollup_minutes r
group by r.project_id, r.environment, r.minute, r.kind, r.name;

comment on view nunchi_data.minutes is
  'Counts by minute, ready made as events are processed: total, type, conversion, revenue and feature only.';
comment on column nunchi_data.minutes.minute is 'Its beginning.';
comment on column nunchi_data.minutes.kind is 'What is counted: total, type, conversion, revenue or feature.';
comment on column nunchi_data.minutes.name is 'Which one; empty for total.';
comment on column nunchi_data.minutes.events is 'How many events.';
comment on column nunchi_data.minutes.amount is 'Of revenue the sum, in the currency that name says; else 0.';

-- nunchi_data.rejects: events that were refused, as their sender was told.
create or replace view nunchi_data.rejects with (security_invoker = true) as
select r.project_id, r.received_at, r.code, r.detail, r.event_id, r.event, r.batch, r.index, r.key_id
from nunchi.event_rejects r;

comment on view nunchi_data.rejects is 'Events that were refused, one row each, as their sender was told.';
comment on column nunchi_data.rejects.code is 'Why, as a code that the errors page explains.';
comment on column nunchi_data.rejects.detail is 'Why, in a sentence.';
comment on column nunchi_data.rejects.event_id is 'The event''s id, where it had a readable one.';
comment on column nunchi_data.rejects.event is 'Its JSON as it came, cut to 2,000 characters.';
comment on column nunchi_data.rejects.batch is 'The batch that it came in.';
comment on column nunchi_data.rejects.index is 'Its position in that batch, from 0.';

-- nunchi_data.drops: what senders had to give up, as they reported it.
create or replace view nunchi_data.drops with (security_invoker = true) as
select d.project_id, d.day, d.reason, d.events
from nunchi.sdk_drops d;

comment on view nunchi_data.drops is 'What SDKs had to give up, as they reported it, and events that came again.';
comment on column nunchi_data.drops.day is 'The day of the report, in UTC.';
comment on column nunchi_data.drops.reason is 'Why, as the events page explains; retransmit is no loss.';
comment on column nunchi_data.drops.events is 'How many events.';

-- nunchi_data.quality: what arrived, day by day.
create or replace view nunchi_data.quality with (security_invoker = true) as
select q.project_id, q.environment, q.day, sum(q.events)::bigint as events, sum(q.bots)::bigint as bots,
  sum(q.internal)::bigint as internal, sum(q.late)::bigint as late, sum(q.skewed)::bigint as skewed,
  sum(q.clock_suspect)::bigint as clock_suspect
from nunchi.quality_days q
group by q.project_id, q.environment, q.day;

comment on view nunchi_data.quality is
  'What arrived, by day, counted as it is processed; what did not is in rejects and drops.';
comment on column nunchi_data.quality.day is 'The day of arrival, in UTC.';
comment on column nunchi_data.quality.events is 'Events that were stored; those of the other columns are among them.';
comment on column nunchi_data.quality.bots is 'Events of programs.';
comment on column nunchi_data.quality.internal is 'Events with a key that is marked internal.';
comment on column nunchi_data.quality.late is 'Events that arrived an hour or more after they occurred.';
comment on column nunchi_data.quality.skewed is 'Events of senders whose clock was off by more than a minute.';
comment on column nunchi_data.quality.clock_suspect is 'Events whose time is in doubt by more than 48 hours.';

-- nunchi_data.items: the catalog that lists are made of.
create or replace view nunchi_data.items with (security_invoker = true) as
select i.project_id, i.environment, i.id as item_id, i.type as item_type, i.title, i.url, i.image, i.tags, i.attributes,
  i.available and i.deleted_at is null as available, i.created_at, i.updated_at, i.deleted_at
from nunchi.items i;

comment on view nunchi_data.items is 'The catalog: what can be recommended, one row each, also what was deleted since.';
comment on column nunchi_data.items.environment is 'development, staging or production: each has a catalog of its own.';
comment on column nunchi_data.items.item_id is 'The item''s id, as events name it.';
comment on column nunchi_data.items.item_type is 'The catalog type that it belongs to, such as products.';
comment on column nunchi_data.items.title is 'What it is called.';
comment on column nunchi_data.items.url is 'Its page.';
comment on column nunchi_data.items.image is 'The address of its picture.';
comment on column nunchi_data.items.tags is 'Its tags.';
comment on column nunchi_data.items.attributes is 'What else was said of it, such as its price.';
comment on column nunchi_data.items.available is 'Whether it can be recommended: neither sold out nor deleted.';
comment on column nunchi_data.items.created_at is 'When it came into the catalog.';
comment on column nunchi_data.items.updated_at is 'When something else was said of it last.';
comment on column nunchi_data.items.deleted_at is 'When it was deleted; null where it was not.';

-- nunchi_data.interactions: who had to do with which item, as recommendations learn from it.
create or replace view nunchi_data.interactions with (security_invoker = true) as
select t.project_id, t.environment,
  case when t.by_user then coalesce(a.person_id, t.actor) else coalesce(i.person_id, a.person_id, t.actor) end as person_id,
  case when t.by_user then t.actor end as user_id,
  case when not t.by_user then t.actor end as anonymous_id,
  t.item as item_id, t.kinds, t.weight, t.first_at, t.last_at, t.dismissed_at,
  t.country, t.device_class
from nunchi.interactions t
left join nunchi_data.identities i on i.project_id = t.project_id and i.anonymous_id = t.actor
left join nunchi_data.aliases a on a.project_id = t.project_id and a.previous_id = t.actor;

comment on view nunchi_data.interactions is
  'Who had to do with which item: one row for each device, or user of a server''s events, and item of the catalog. Made as events are processed.';
comment on column nunchi_data.interactions.environment is 'development, staging or production: of the events'' keys.';
comment on column nunchi_data.interactions.person_id is 'The person: the user, else who the visitor later turned out to be, else the visitor; aliases followed.';
comment on column nunchi_data.interactions.user_id is 'The user, of events that a server told without an anonymous_id; else null.';
comment on column nunchi_data.interactions.anonymous_id is 'The visitor, on one device; null where user_id is not.';
comment on column nunchi_data.interactions.item_id is 'The item.';
comment on column nunchi_data.interactions.kinds is 'How often, by kind: { view, click, add, like, buy, dismiss }.';
comment on column nunchi_data.interactions.weight is 'What they weigh together, by the settings as they were when the events came.';
comment on column nunchi_data.interactions.first_at is 'When it began.';
comment on column nunchi_data.interactions.last_at is 'When they had to do with it last; a dismissal is told by dismissed_at.';
comment on column nunchi_data.interactions.dismissed_at is 'When the item was dismissed last; null where it never was.';
comment on column nunchi_data.interactions.country is 'ISO 3166 alpha-2, of the latest event; null where it is not known.';
comment on column nunchi_data.interactions.device_class is 'desktop, mobile, tablet, bot, server or other: of the latest event.';

-- nunchi_data.preferences: what visitors have to do with most, as recommendations derive it.
create or replace view nunchi_data.preferences with (security_invoker = true) as
select p.project_id, p.environment,
  case when p.by_user then coalesce(a.person_id, p.actor) else coalesce(i.person_id, a.person_id, p.actor) end as person_id,
  case when p.by_user then p.actor end as user_id,
  case when not p.by_user then p.actor end as anonymous_id,
  p.preference_type, p.preference_value, p.confidence_score, p.updated_at
from nunchi.user_preferences p
left join nunchi_data.identities i on i.project_id = p.project_id and i.anonymous_id = p.actor
left join nunchi_data.aliases a on a.project_id = p.project_id and a.previous_id = p.actor;

comment on view nunchi_data.preferences is
  'The types, tags and attributes that visitors have to do with, with a confidence. Made within seconds after events are processed.';
comment on column nunchi_data.preferences.environment is 'development, staging or production: of the events'' keys.';
comment on column nunchi_data.preferences.person_id is 'The person: the user, else who the visitor later turned out to be, else the visitor; aliases followed.';
comment on column nunchi_data.preferences.user_id is 'The user, of events that a server told without an anonymous_id; else null.';
comment on column nunchi_data.preferences.anonymous_id is 'The visitor, on one device; null where user_id is not.';
comment on column nunchi_data.preferences.preference_type is 'type, tag, or the name of an attribute such as brand.';
comment on column nunchi_data.preferences.preference_value is 'Which one, such as oak.';
comment on column nunchi_data.preferences.confidence_score is 'From 0 to 1.';
comment on column nunchi_data.preferences.updated_at is 'When it was derived.';

-- nunchi_data.recommendation_days: what became of recommendations, by day, list and item.
create or replace view nunchi_data.recommendation_days with (security_invoker = true) as
select r.project_id, r.environment, r.day, r.list, r.item as item_id,
  sum(r.impressions)::bigint as impressions, sum(r.clicks)::bigint as clicks
from nunchi.recommendation_days r group by 1, 2, 3, 4, 5;

comment on view nunchi_data.recommendation_days is
  'How often each item was seen in a list and clicked there, by day. Made as events are processed.';
comment on column nunchi_data.recommendation_days.environment is 'development, staging or production: of the events'' keys.';
comment on column nunchi_data.recommendation_days.day is 'In the project''s time zone.';
comment on column nunchi_data.recommendation_days.list is 'user, contextual, similar or trending; other where the event names none of them.';
comment on column nunchi_data.recommendation_days.item_id is 'The item.';
comment on column nunchi_data.recommendation_days.impressions is 'How often it was seen.';
comment on column nunchi_data.recommendation_days.clicks is 'How often it was clicked.';

-- nunchi_data.…_between(): a time span of a view of events, read from the months in question only.
-- Events are stored by month of their id. An id tells when its event occurred to within 48 hours and the 66
-- seconds that the collector's arithmetic leaves; where it does not, the event is marked and has an index.
do $$
declare
  view text;
  face text;
begin
  foreach view in array array['all_events', 'events', 'pages', 'vitals', 'conversions', 'features',
    'revenue'] loop
    face := format('nunchi_data.%s_between(project uuid, since timestamptz, until timestamptz)', view);
    -- A body of this form names what it uses once and for all, and the planner sees through it. The project is
    -- given as an array because a constant would keep the joins that resolve people where nobody asks for them.
    execute format('create or replace function %s returns setof nunchi_data.%I language sql stable begin atomic
      select v.* from nunchi_data.%2$I v
      where v.project_id = any (array[project]) and v.occurred_at >= since and v.occurred_at < until and not v.clock_suspect
        and v.id >= nunchi.uuid_floor(greatest(since - interval ''48 hours'', timestamptz ''1970-01-01 00:00+00''))
        and v.id < nunchi.uuid_floor(least(until + interval ''48 hours 66 seconds'', timestamptz ''9999-12-31 00:00+00''))
      union all
      select v.* from nunchi_data.%2$I v
      where v.project_id = any (array[project]) and v.occurred_at >= since and v.occurred_at < until and v.clock_suspect; end',
      face, view);
    execute format('revoke execute on function %s from public', face);
    execute format('grant execute on function %s to nunchi_reader', face);
    execute format('comment on function %s is %L', face, format(
      'The rows of %s of one project that occurred from since until before until. Quick: other months are not opened.',
      view));
  end loop;
end
$$;

-- What readers may do with the views, and the words for the columns that several views have.
grant select on all tables in schema nunchi_data to nunchi_reader;

do $$
declare
  missing record;
begin
  for missing in
    select c.oid, c.relname, a.attname, a.attnum, col_description(s.attrelid, s.attnum) as words
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    join pg_catalog.pg_attribute s on s.attrelid = 'nunchi_data.all_events'::regclass and s.attname = a.attname
    where c.relnamespace = 'nunchi_data'::regnamespace and c.relkind = 'v'
      and col_description(c.oid, a.attnum) is null
  loop
    execute format('comment on column nunchi_data.%I.%I is %L', missing.relname, missing.attname, missing.words);
  end loop;
end
$$;

-- For each of the rows how many items its actor has to do with, in steps of twice as many: 0 for none, 1 for one, 2 from
-- two, 3 from four, up to 7 from 64; 8 for who does more than a person does, and is not heard: with one item what weighs
-- more than 500, and more than 100 a day, or with the latest 100 together more than 2,000, and more than 400 a day. Part
-- of process(). Each actor is looked up once.
create or replace function nunchi.activity_steps(said nunchi.interactions[]) returns integer[]
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  select array_agg(k.step order by s.n)
  from unnest(said) with ordinality s (project_id, environment, actor, by_user, item, weight, kinds, network, country,
    device_class, event_id, first_at, last_at, dismissed_at, crowded, loud, n)
  join (
    select a.*, case when exists (select from nunchi.interactions x where x.project_id = a.project_id
        and x.environment = a.environment and x.actor = a.actor and x.by_user = a.by_user
        and (x.crowded or x.loud) and x.loud) then 8
      else (select case when bool_or(l.weight > 500 and l.weight > 100 * (1 + extract(epoch from l.last_at - l.first_at) / 86400))
          or sum(l.weight) > 2000 and sum(l.weight) > 400 * (1 + extract(epoch from max(l.last_at) - min(l.first_at)) / 86400)
          then 8
        else width_bucket(count(*) filter (where l.weight > 0 and (l.dismissed_at < l.last_at) is not false),
          array[1, 2, 4, 8, 16, 32, 64]::bigint[]) end from (
        select i.weight, i.dismissed_at, i.first_at, i.last_at from nunchi.interactions i
        where i.project_id = a.project_id and i.environment = a.environment and i.actor = a.actor and i.by_user = a.by_user
        order by i.last_at desc, i.item desc limit 100) l) end as step
    from (select distinct s.project_id, s.environment, s.actor, s.by_user from unnest(said) s) a
  ) k on k.project_id = s.project_id and k.environment = s.environment and k.actor = s.actor and k.by_user = s.by_user
$$;
revoke execute on function nunchi.activity_steps(nunchi.interactions[]) from public;

-- The actors that a person's recommendations are made of, 20 at most: the user, the devices that became this user, and
-- ids that alias() ended in it. Part of recommend(). A page may say whatever it likes in alias(): only a server's word
-- makes another user's past this person's; of an alias from a page counts an anonymous id alone, which nobody guesses.
create or replace function nunchi.actors_of(project uuid, person text) returns nunchi.actor[]
language sql stable set search_path = '' as $$
  with recursive users (id, steps) as (
    select person, 0
    union
    select a.previous_id, u.steps + 1
    from users u join nunchi.aliases a on a.project_id = project and a.user_id = u.id
    where u.steps < 8 and exists (
      select from nunchi.analytics_events e join nunchi.api_keys k on k.id = e.key_id
      where e.project_id = project and e.id = a.event_id and k.kind = 'srv')
  ), few as (
    select u.id from users u group by 1 order by min(u.steps), 1 limit 10
  ), devices as (
    select i.anonymous_id as id, i.linked_at from nunchi.identities i
    where i.project_id = project and i.user_id in (select f.id from few f)
    union all
    select a.previous_id, a.linked_at from nunchi.aliases a
    where a.project_id = project and a.user_id in (select f.id from few f)
      and not exists (select from nunchi.identities i where i.project_id = project and i.user_id = a.previous_id)
  )
  select array(
    select row(f.id, true)::nunchi.actor from few f
    union all
    select row(d.id, false)::nunchi.actor from (select d.id from devices d group by 1 order by max(d.linked_at) desc, 1 limit 10) d)
$$;
revoke execute on function nunchi.actors_of(uuid, text) from public;

-- Each id of a project that alias() ended, and the id that it goes on as in the end. A chain is followed for 32 steps:
-- nobody is renamed so often, and whoever makes up a longer one must not make every figure slow. Who comes into a circle
-- of at most 32 ids on the way is the smallest of them. Each round doubles the steps taken, so that a made-up tangle
-- costs no more than any other aliases: `t` is where the steps lead, `m` the smallest id on the way.
create or replace function nunchi.alias_map(project uuid) returns table (previous_id text, person text)
language sql stable set search_path = '' set jit = off set enable_nestloop = off as $$
  with one as materialized (
    select a.previous_id as id, a.user_id as t, a.previous_id as m from nunchi.aliases a where a.project_id = project
  ), two as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from one a left join one b on b.id = a.t
  ), four as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from two a left join two b on b.id = a.t
  ), eight as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from four a left join four b on b.id = a.t
  ), sixteen as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from eight a left join eight b on b.id = a.t
  ), all_steps as materialized (
    select a.id, coalesce(b.t, a.t) as t, least(a.m, b.m) as m from sixteen a left join sixteen b on b.id = a.t
  )
  -- In a circle the next 32 ids and the 32 after them are the same ones; in a chain no two are.
  select s.id, case when n.m = f.m then n.m else s.t end
  from all_steps s left join all_steps n on n.id = s.t left join all_steps f on f.id = n.t
$$;
revoke execute on function nunchi.alias_map(uuid) from public;

-- { fn, args, claims } → what nunchi.<fn>(args) answers to the person of these verified claims. For
-- drivers that have one call and no transaction (Supabase's rpc); only service_role may execute it.
create or replace function nunchi.as_member(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  was constant text := current_user;
  answer jsonb;
begin
  if coalesce(args -> 'claims' ->> 'sub', '') = '' then
    raise invalid_parameter_value using message = 'as_member() needs claims with a sub.';
  end if;
  perform set_config('request.jwt.claims', args ->> 'claims', true);
  perform set_config('role', 'nunchi_member', true);
  execute format('select nunchi.%I($1)', args ->> 'fn') into answer using args -> 'args';
  perform set_config('role', was, true);
  perform set_config('request.jwt.claims', '', true);
  return answer;
end
$$;
revoke execute on function nunchi.as_member(jsonb) from public;

-- The value at a dotted path of the attributes; JSON null where there is none, null for a path into a list.
create or replace function nunchi.attribute_at(attributes jsonb, path text) returns jsonb
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  value jsonb := attributes;
  part text;
begin
  foreach part in array case when path = '' then array[''] else string_to_array(path, '.') end loop
    if jsonb_typeof(value) = 'array' then return null; end if;
    if jsonb_typeof(value) <> 'object' or not value ? part then return 'null'; end if;
    value := value -> part;
  end loop;
  return value;
end
$$;
revoke execute on function nunchi.attribute_at(jsonb, text) from public;

-- Records one deed of administration: who did what to what, how it was before and how it is since. Part of the
-- functions that change something; `actor` null means the login of the session. Of a person only the hash goes in.
create or replace function nunchi.audit(project uuid, actor text, action text, subject text, before jsonb, after jsonb)
returns void
language sql set search_path = '' as $$
  insert into nunchi.audit_log (project_id, actor, action, subject, before, after)
  values (project, coalesce(nullif(actor, ''), 'sql:' || session_user), action, subject, before, after)
$$;
revoke execute on function nunchi.audit(uuid, text, text, text, jsonb, jsonb) from public;

-- { keyHash, kind, from, to, limit? = 20 } → what breakdown_of() answers for the key's project and environment; `from`
-- and `to` in ms. Null where the key is not in force, or is public.
create or replace function nunchi.breakdown(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
begin
  return (select nunchi.breakdown_of(k.project_id, k.environment, to_timestamp((args ->> 'from')::bigint / 1000.0),
    to_timestamp((args ->> 'to')::bigint / 1000.0), args ->> 'kind', coalesce((args ->> 'limit')::integer, 20))
  from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null and k.kind = 'srv');
end
$$;
revoke execute on function nunchi.breakdown(jsonb) from public;
grant execute on function nunchi.breakdown(jsonb) to nunchi_app;

-- The most frequent names of one kind in a project between two times, whole days of its zone; the body of
-- breakdown(), for functions that know whose it is. → { kind, rows: [{ name, events, amount }], events }: `amount` as
-- text, `events` of all names, also of those beyond the limit.
create or replace function nunchi.breakdown_of(project uuid, env text, since timestamptz, until timestamptz,
  counted text, most integer) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('kind', counted, 'events', coalesce(sum(n.events), 0),
    'rows', coalesce(jsonb_agg(jsonb_build_object('name', n.name, 'events', n.events,
      'amount', trim_scale(n.amount)::text) order by n.place) filter (where n.place <= least(greatest(most, 0), 1000)), '[]'))
  from (
    select r.name, sum(r.events)::bigint as events, sum(r.amount) as amount,
      row_number() over (order by sum(r.events) desc, r.name collate "C") as place
    from nunchi.projects p join nunchi.rollup_days r on r.project_id = p.id
    where p.id = project and r.environment = env and r.kind = counted
      and r.day between (since at time zone p.timezone)::date
        and ((until - interval '1 microsecond') at time zone p.timezone)::date
    group by r.name
  ) n
$$;
revoke execute on function nunchi.breakdown_of(uuid, text, timestamptz, timestamptz, text, integer) from public;

-- A unit's bucket, from 0 to 999,999, by hash version; null for a version that is not known.
create or replace function nunchi.bucket(version int, seed text, value text) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  return case version
    when 3 then (nunchi.murmur3(seed || ':' || value) * 1000000) >> 32
    when 2 then nunchi.hash_v2(seed, value) * 100
    when 1 then nunchi.hash_v1(seed, value) * 1000
  end;
end
$$;
revoke execute on function nunchi.bucket(int, text, text) from public;

-- The types of a catalog's items, in order, with one look at the index for each. People are no items to recommend: match()
-- tells of them, by their leave. Part of recommend().
create or replace function nunchi.catalog_types(project uuid, env text) returns text[]
language sql stable set search_path = '' as $$
  with recursive t (type) as (
    (select i.type from nunchi.items i where i.project_id = project and i.environment = env and i.deleted_at is null
      order by i.type limit 1)
    union all
    select (select i.type from nunchi.items i where i.project_id = project and i.environment = env
      and i.deleted_at is null and i.type > t.type order by i.type limit 1)
    from t where t.type is not null
  )
  select coalesce(array_agg(t.type), '{}') from t where t.type is not null and t.type <> 'person'
$$;
revoke execute on function nunchi.catalog_types(uuid, text) from public;

-- One list of one type from its candidates: pinned ones first, then the best of them, diverse, and in the last place a
-- new one that is given its chance (the same for a visitor all day). Part of recommend().
create or replace function nunchi.choose_items(project uuid, env text, given nunchi.candidate[], list text, most integer,
  visitor text, said jsonb) returns jsonb
language plpgsql stable set search_path = '' set enable_seqscan = off as $$
declare
  pins constant text[] := array(select jsonb_array_elements_text(r -> 'pin') from jsonb_array_elements(said -> 'rules') r
    where r ? 'pin' and nunchi.rule_holds(r, list, given[1].type));
  pinned integer[] := '{}';
  chosen integer[];
  chance integer;
begin
  if pins <> '{}' then
    select coalesce(array_agg(g.n order by array_position(pins, g.id)), '{}') into pinned
    from unnest(given) with ordinality g (type, id, score, near, popular, known, seed, source, part, fresh, title, url,
      image, tags, attributes, n) where g.id = any (pins);
    pinned := pinned[:most];
  end if;
  select coalesce(array_agg(o.n order by o.place), '{}') into chosen
  from unnest(nunchi.diverse_order(given, most + cardinality(pinned), (said ->> 'diversity')::double precision))
    with ordinality o (n, place) where o.n <> all (pinned);
  chosen := pinned || chosen[:most - cardinality(pinned)];
  if (said ->> 'explore')::boolean and list in ('user', 'contextual') and cardinality(chosen) >= 4
    and cardinality(pinned) < most
  then
    select g.n into chance
    from unnest(given) with ordinality g (type, id, score, near, popular, known, seed, source, part, fresh, title, url,
      image, tags, attributes, n)
    where g.fresh and g.n <> all (chosen[:cardinality(chosen) - 1])
    order by md5(concat_ws(' ', visitor, (now() at time zone 'UTC')::date, g.id)) limit 1;
    chosen[cardinality(chosen)] := coalesce(chance, chosen[cardinality(chosen)]);
  end if;
  return (
    select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', g.id, 'type', g.type, 'title', g.title, 'url', g.url,
        'image', g.image, 'tags', nullif(g.tags, '{}'), 'score', round(g.score::numeric, 6)))
      || case when g.attributes = '{}' then '{}' else jsonb_build_object('attributes', g.attributes) end
      || jsonb_build_object('reason', case
        when c.n = any (pinned) then '{"code": "pinned"}'
        when c.n = chance then '{"code": "new"}'
        when g.known * coalesce(g.near, 0) < 0.5 * (1 - g.known) * coalesce(g.popular, 0) then '{"code": "popular"}'
        when g.near is null then '{"code": "new"}'
        when s.id is null or g.source <> 'content' and g.part < 0.35 then '{"code": "people"}'
        else jsonb_build_object('code', case g.source when 'content' then 'alike' else 'because' end,
            'because', jsonb_build_object('id', s.id, 'title', s.title))
          || case when g.source = 'content' then jsonb_build_object('tags', s.common) else '{}' end end)
      order by c.place)
    from unnest(chosen) with ordinality c (n, place)
    cross join lateral (select (given[c.n]).*) g
    left join lateral (
      select i.id, i.title, array(select t from unnest(i.tags) t where t = any (g.tags)) as common
      from nunchi.items i where i.project_id = project and i.environment = env and i.id = g.seed and i.deleted_at is null
    ) s on true);
end
$$;
revoke execute on function nunchi.choose_items(uuid, text, nunchi.candidate[], text, integer, text, jsonb) from public;

-- The position of the arm that a bucket falls into, -1 outside: by the experiment's ranges, or by weights and coverage.
create or replace function nunchi.choose_variant(experiment jsonb, bucket int) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  variants constant jsonb := experiment -> 'variants';
  coverage constant bigint := coalesce((experiment ->> 'coverage')::bigint, 1000000);
  total bigint := 0;
  sum bigint := 0;
  low bigint;
  high bigint := 0;
begin
  if experiment ? 'ranges' then return nunchi.in_ranges(bucket, experiment -> 'ranges'); end if;
  for i in 0 .. jsonb_array_length(variants) - 1 loop
    total := total + (variants -> i ->> 'weight')::bigint;
  end loop;
  for i in 0 .. jsonb_array_length(variants) - 1 loop
    low := high;
    sum := sum + (variants -> i ->> 'weight')::bigint;
    -- Bounds are rounded to the nearest bucket, coverage down; integers only.
    high := (2000000 * sum + total) / greatest(2 * total, 1);
    if bucket >= low and bucket < low + coverage * (high - low) / 1000000 then return i; end if;
  end loop;
  return -1;
end
$$;
revoke execute on function nunchi.choose_variant(jsonb, int) from public;

-- { leaseMs } → the ids of up to 20 ramps that are due, now claimed for so long: nobody else is told of them until then, and
-- whoever claimed one and was killed is followed by another. Any number of collectors may ask at once. Run by the
-- collector's worker.
create or replace function nunchi.claim_ramps(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  claimed jsonb;
begin
  with due as (
    select r.id from nunchi.ramps r where r.state = 'running' and r.next_look_at <= clock_timestamp()
    order by r.next_look_at limit 20 for update skip locked
  ), taken as (
    update nunchi.ramps r set next_look_at = clock_timestamp() + make_interval(secs => (args ->> 'leaseMs')::float8 / 1000)
    from due d where r.id = d.id returning r.id
  )
  select coalesce(jsonb_agg(t.id), '[]') into claimed from taken t;
  return claimed;
end
$$;
revoke execute on function nunchi.claim_ramps(jsonb) from public;
grant execute on function nunchi.claim_ramps(jsonb) to nunchi_app;

-- { keyHash, known? } → { number, version, config } of the key's project and environment | null where the key is
-- unknown. `config` is left away where `known` is the version in force. Before the first publication the number is
-- 0 and version and config are null.
create or replace function nunchi.config(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select case when v.version is distinct from args ->> 'known' or v.version is null
      then jsonb_build_object('number', coalesce(v.number, 0), 'version', v.version, 'config', v.config)
      else jsonb_build_object('number', v.number, 'version', v.version) end
  from nunchi.api_keys k
  left join lateral (
    select c.number, c.version, c.config from nunchi.config_versions c
    where c.project_id = k.project_id and c.environment = k.environment
    order by c.number desc limit 1
  ) v on true
  where k.hash = args ->> 'keyHash' and k.revoked_at is null
$$;
revoke execute on function nunchi.config(jsonb) from public;
grant execute on function nunchi.config(jsonb) to nunchi_app;

-- { projectId, environment, number? } → { number, version, definition, config, revisions, actor, reason, publishedAt }
-- | null. The definition in force, or the one of a number. Run by the owner, and for keys by
-- config_definition_by_key().
create or replace function nunchi.config_definition(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('number', c.number, 'version', c.version, 'definition', c.definition, 'config', c.config,
    'revisions', c.revisions, 'actor', c.actor, 'reason', c.reason, 'publishedAt', floor(extract(epoch from c.published_at) * 1000))
  from nunchi.config_versions c
  where c.project_id = (args ->> 'projectId')::uuid and c.environment = args ->> 'environment'
    and (args ->> 'number' is null or c.number = (args ->> 'number')::bigint)
  order by c.number desc limit 1
$$;
revoke execute on function nunchi.config_definition(jsonb) from public;

-- { keyHash, number? } → as config_definition(), or { error: 'key_unknown' | 'key_not_allowed' }: project and
-- environment are the key's, which needs the scope config:read or config:write.
create or replace function nunchi.config_definition_by_key(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:read', 'config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.config_definition(args || key);
end
$$;
revoke execute on function nunchi.config_definition_by_key(jsonb) from public;
grant execute on function nunchi.config_definition_by_key(jsonb) to nunchi_app;

-- { projectId, environment } → [{ number, version, actor, reason, publishedAt }], the newest first, at most 200. Run
-- by the owner, and for keys by config_history_by_key().
create or replace function nunchi.config_history(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('number', c.number, 'version', c.version, 'actor', c.actor,
    'reason', c.reason, 'publishedAt', floor(extract(epoch from c.published_at) * 1000)) order by c.number desc), '[]')
  from (
    select v.* from nunchi.config_versions v
    where v.project_id = (args ->> 'projectId')::uuid and v.environment = args ->> 'environment'
    order by v.number desc limit 200
  ) c
$$;
revoke execute on function nunchi.config_history(jsonb) from public;

-- { keyHash } → as config_history(), or { error: 'key_unknown' | 'key_not_allowed' }: project and environment are
-- the key's, which needs the scope config:read or config:write.
create or replace function nunchi.config_history_by_key(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:read', 'config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.config_history(args || key);
end
$$;
revoke execute on function nunchi.config_history_by_key(jsonb) from public;
grant execute on function nunchi.config_history_by_key(jsonb) to nunchi_app;

-- { project_id, environment, actor } of a server key that may do one of `scopes` with the config, or { error }. Part
-- of the functions that end in _by_key.
create or replace function nunchi.config_key(key_hash text, wanted text[]) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce((
    select case when k.kind = 'srv' and (k.scopes = '{}' or k.scopes && wanted)
      then jsonb_build_object('projectId', k.project_id, 'environment', k.environment, 'actor', 'key:' || k.id)
      else jsonb_build_object('error', 'key_not_allowed') end
    from nunchi.api_keys k where k.hash = key_hash and k.revoked_at is null
  ), jsonb_build_object('error', 'key_unknown'))
$$;
revoke execute on function nunchi.config_key(text, text[]) from public;

-- { projectId, environment, version } → the config that pages got under this version | null where none was
-- published. Run by the owner.
create or replace function nunchi.config_of_version(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select c.config from nunchi.config_versions c
  where c.project_id = (args ->> 'projectId')::uuid and c.environment = args ->> 'environment'
    and c.version = args ->> 'version'
  order by c.number limit 1
$$;
revoke execute on function nunchi.config_of_version(jsonb) from public;

-- {} → [{ projectId, project, environment, number, definition, refused, failures }] of the first hundred environments
-- in which something was published, refused, or assigns nobody, for `nunchi doctor`. `refused` is { at, actor,
-- mistakes } where that came after what is in force, else null; `failures` are the exposures and conversions of the
-- last seven days that assign nobody: { name: events }.
create or replace function nunchi.config_states(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', p.id, 'project', p.name, 'environment', e.environment,
    'number', coalesce(v.number, 0), 'definition', v.definition,
    'refused', (select jsonb_build_object('at', floor(extract(epoch from r.at) * 1000), 'actor', r.actor,
        'mistakes', r.mistakes)
      from nunchi.config_refusals r where r.project_id = p.id and r.environment = e.environment
        and (v.published_at is null or r.at > v.published_at)),
    'failures', (select coalesce(jsonb_object_agg(f.name, f.events), '{}') from (
      select d.name, sum(d.events) as events from nunchi.rollup_days d
      where d.project_id = p.id and d.environment = e.environment and d.kind = 'experiment_failure'
        and d.day > current_date - 7
      group by d.name order by 2 desc limit 50) f)) order by p.name, e.environment), '[]')
  from (
    select p.id as project_id, w.environment
    from nunchi.projects p cross join (values ('production'), ('staging'), ('development')) w (environment)
    where exists (select from nunchi.config_versions c where c.project_id = p.id and c.environment = w.environment)
      or exists (select from nunchi.config_refusals r where r.project_id = p.id and r.environment = w.environment)
      or exists (select from nunchi.rollup_days d where d.project_id = p.id and d.environment = w.environment
        and d.day > current_date - 7 and d.kind = 'experiment_failure')
    order by 1, 2 limit 100
  ) e
  join nunchi.projects p on p.id = e.project_id
  left join lateral (
    select c.number, c.definition, c.published_at from nunchi.config_versions c
    where c.project_id = e.project_id and c.environment = e.environment order by c.number desc limit 1
  ) v on true
$$;
revoke execute on function nunchi.config_states(jsonb) from public;

-- The items of a context, 50 at most: those that it names, else those shown on its page (its address whole, without what
-- follows ? or #, or its path alone). Part of recommend(). Ids that the catalog does not hold are left out.
create or replace function nunchi.context_items(project uuid, env text, context jsonb) returns text[]
language sql stable set search_path = '' set enable_seqscan = off as $$
  select coalesce(array_agg(c.id), '{}') from (
    (select i.id from jsonb_array_elements_text(case jsonb_typeof(context -> 'items') when 'array' then context -> 'items'
        else '[]' end) c (id)
      cross join lateral (select i.id from nunchi.items i where i.project_id = project and i.environment = env
        and i.id = c.id and i.deleted_at is null and i.type <> 'person' offset 0) i
      group by i.id limit 50)
    union
    (select i.id
      from (values (context ->> 'page'), (substring(context ->> 'page' from '^[^?#]*')),
        (substring(context ->> 'page' from '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)'))) p (url)
      cross join lateral (select i.id from nunchi.items i where i.project_id = project and i.environment = env
        and i.url = p.url and i.deleted_at is null and i.type <> 'person' offset 0) i
      where p.url <> '' group by i.id limit 50)
    limit 50) c
$$;
revoke execute on function nunchi.context_items(uuid, text, jsonb) from public;

-- The position, from 0, of an experiment's control; the first variant where none is named.
create or replace function nunchi.control_position(experiment jsonb) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  for i in 0 .. jsonb_array_length(experiment -> 'variants') - 1 loop
    if experiment -> 'variants' -> i -> 'isControl' = 'true' then return i; end if;
  end loop;
  return 0;
end
$$;
revoke execute on function nunchi.control_position(jsonb) from public;

-- The conversions that count for a revision of an experiment, each with its unit: of whoever saw it, from that
-- moment on. An event that carries the value of a unit's attribute (anonymousId, userId) counts for the unit of
-- that value and for no other; one without it counts for its person's first-exposed unit. `multiple` units saw two
-- variants; results set them apart.
create or replace function nunchi.conversions_of(project uuid, env text, experiment text, revision integer)
returns table (event_id uuid, metric text, value numeric, step text, occurred_at timestamptz, unit text, variant text,
  assigned_at timestamptz, multiple boolean)
language sql stable set search_path = '' set jit = off as $$
  with alias as materialized (
    select * from nunchi.alias_map(project)
  ), exposed as materialized (
    select a.*, coalesce(m.person, w.id) as person
    from nunchi.experiment_assignments a
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = a.anonymous_id
    cross join lateral (select coalesce(a.user_id, i.user_id, a.anonymous_id) as id) w
    left join alias m on m.previous_id = w.id
    where a.project_id = project and a.environment = env and a.experiment = conversions_of.experiment
      and a.revision = conversions_of.revision
  ), done as materialized (
    select c.*, coalesce(m.person, w.id) as person
    from nunchi.experiment_conversions c
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = c.anonymous_id
    cross join lateral (select coalesce(c.user_id, i.user_id, c.anonymous_id) as id) w
    left join alias m on m.previous_id = w.id
    where c.project_id = project and c.environment = env
  ), pair as (
    -- By the unit's own value.
    select d.event_id, x.unit, 1 as rank from done d
    join exposed x on x.attribute = 'anonymousId' and x.unit = d.anonymous_id
    union all
    select d.event_id, x.unit, 1 from done d join exposed x on x.attribute = 'userId' and x.unit = d.user_id
    union all
    -- Through the person, where the event has no such value.
    select d.event_id, x.unit, 2 from done d
    join exposed x on x.person = d.person
      and case x.attribute when 'anonymousId' then d.anonymous_id is null when 'userId' then d.user_id is null else true end
  )
  select d.event_id, d.metric, d.value, d.step, d.occurred_at, x.unit, x.variant, x.assigned_at, x.multiple
  from (
    select distinct on (p.event_id) p.event_id, x.unit
    from pair p join exposed x on x.unit = p.unit
    order by p.event_id, p.rank, x.assigned_at, x.event_id
  ) chosen
  join done d on d.event_id = chosen.event_id
  join exposed x on x.unit = chosen.unit
  where d.occurred_at >= x.assigned_at
$$;
revoke execute on function nunchi.conversions_of(uuid, text, text, integer) from public;

-- { projectId, environment, kind, hash, hint, plain?, scopes?, origins?, rateLimit?, internal?, actor? } → { keyId }.
-- Only the hash is kept; `plain` too for a public key, which stands in pages anyway. One audit row.
create or replace function nunchi.create_key(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  made nunchi.api_keys;
begin
  insert into nunchi.api_keys (project_id, environment, kind, hash, hint, plain, scopes, origins, rate_limit, internal)
  values ((args ->> 'projectId')::uuid, args ->> 'environment', args ->> 'kind', args ->> 'hash', args ->> 'hint',
    case when args ->> 'kind' = 'pub' then args ->> 'plain' end,
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'scopes', 'null'), '[]'))),
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'origins', 'null'), '[]'))),
    (args ->> 'rateLimit')::integer, coalesce((args ->> 'internal')::boolean, false))
  returning * into made;
  perform nunchi.audit(made.project_id, args ->> 'actor', 'key.create', made.id::text, null,
    to_jsonb(made) - array['hash', 'plain', 'project_id', 'created_at', 'revoked_at']);
  return jsonb_build_object('keyId', made.id::text);
end
$$;
revoke execute on function nunchi.create_key(jsonb) from public;

-- { name, timezone?, actor? } → { projectId, name }. The same name again answers the project that stands; a new one
-- leaves an audit row.
create or replace function nunchi.create_project(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project nunchi.projects;
begin
  if coalesce(args ->> 'name', '') = '' then
    raise invalid_parameter_value using message = 'create_project() needs a name.';
  end if;
  if not exists (select from pg_catalog.pg_timezone_names z where z.name = coalesce(args ->> 'timezone', 'UTC')) then
    raise invalid_parameter_value using message = format(
      'The time zone %L is not known; give an IANA name such as Asia/Seoul.', args ->> 'timezone');
  end if;
  insert into nunchi.projects (id, name, timezone)
  values (gen_random_uuid(), args ->> 'name', coalesce(args ->> 'timezone', 'UTC'))
  on conflict (name) do nothing
  returning * into project;
  if found then
    perform nunchi.audit(project.id, args ->> 'actor', 'project.create', project.id::text, null,
      jsonb_build_object('name', project.name, 'timezone', project.timezone));
  end if;
  select * into strict project from nunchi.projects p where p.name = args ->> 'name';
  return jsonb_build_object('projectId', project.id, 'name', project.name);
end
$$;
revoke execute on function nunchi.create_project(jsonb) from public;

-- { id, turn, state, step, reason, look?: { progress, tests, decision }, publication?, before, after, action } → { turn,
-- number? } | { error: 'stale' } | { error: 'config_conflict', number } | { error: 'ramp_not_allowed' }. Writes a decision
-- in one transaction, or nothing of it: the ramp's state, a look, a step that begins, the config as publish_config() takes
-- it, one row in the audit log. `turn` is the one that was read: a decision is made once, however many make it. Of
-- the config it may change what its ramp is for, and nothing else: coverage, status and winner of its own experiment.
-- Run by the collector's worker.
create or replace function nunchi.decide_ramp(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  wanted constant uuid := (args ->> 'id')::uuid;
  publication constant jsonb := args -> 'publication';
  shown constant jsonb := args -> 'look';
  next_step constant integer := (args ->> 'step')::integer;
  next_state constant text := args ->> 'state';
  moment constant timestamptz := clock_timestamp();
  one nunchi.ramps;
  present nunchi.config_versions;
  published jsonb := '{}';
  own text[];
begin
  select * into one from nunchi.ramps r where r.id = wanted for update;
  if one.id is null or one.turn <> (args ->> 'turn')::bigint or one.state <> 'running' then
    return jsonb_build_object('error', 'stale');
  end if;
  if publication is not null then
    select * into present from nunchi.config_versions c
    where c.project_id = one.project_id and c.environment = one.environment
      and c.number = (publication ->> 'base')::bigint;
    own := array['experiments', one.experiment];
    if (publication -> 'definition') #- (own || '{coverage}'::text[]) #- (own || '{status}'::text[]) #- (own || '{winner}'::text[])
        is distinct from present.definition #- (own || '{coverage}'::text[]) #- (own || '{status}'::text[]) #- (own || '{winner}'::text[])
      or (publication -> 'config') #- '{version}' #- (own || '{coverage}'::text[]) #- (own || '{status}'::text[]) #- (own || '{winner}'::text[])
        is distinct from present.config #- '{version}' #- (own || '{coverage}'::text[]) #- (own || '{status}'::text[]) #- (own || '{winner}'::text[])
    then
      return jsonb_build_object('error', 'ramp_not_allowed');
    end if;
    published := nunchi.publish_config(publication || jsonb_build_object('projectId', one.project_id, 'environment',
      one.environment, 'actor', 'ramp:' || one.id));
    if published ? 'error' then
      return published;
    end if;
  elsif next_state <> one.state then
    perform nunchi.audit(one.project_id, 'ramp:' || one.id, args ->> 'action',
      one.environment || '/' || one.kind || '/' || one.key, args -> 'before', args -> 'after');
  end if;
  if next_step <> one.step then
    update nunchi.ramp_steps s set ended_at = moment
    where s.project_id = one.project_id and s.environment = one.environment and s.ramp = one.id and s.step = one.step;
    insert into nunchi.ramp_steps (project_id, environment, ramp, step, coverage, config_number, started_at)
    values (one.project_id, one.environment, one.id, next_step,
      coalesce((publication -> 'definition' -> 'experiments' -> one.experiment ->> 'coverage')::integer, 1000000),
      (published ->> 'number')::bigint, moment);
  end if;
  if shown is not null then
    insert into nunchi.ramp_looks (project_id, environment, ramp, look, step, progress, tests, decision)
    select one.project_id, one.environment, one.id, coalesce(max(l.look), 0) + 1, one.step,
      (shown ->> 'progress')::float8, shown -> 'tests', shown ->> 'decision'
    from nunchi.ramp_looks l
    where l.project_id = one.project_id and l.environment = one.environment and l.ramp = one.id;
  end if;
  update nunchi.ramps r set state = next_state, step = next_step, reason = args -> 'reason', turn = r.turn + 1,
    updated_at = moment, ended_at = case when next_state in ('done', 'rolled_back', 'stopped') then moment end
  where r.project_id = one.project_id and r.environment = one.environment and r.id = one.id;
  return jsonb_build_object('turn', one.turn + 1, 'number', published -> 'number');
end
$$;
revoke execute on function nunchi.decide_ramp(jsonb) from public;
grant execute on function nunchi.decide_ramp(jsonb) to nunchi_app;

-- { keyHash, ids } → { deleted }, or { error }: takes up to 1,000 items out of the catalog; the key needs the scope
-- items:write. Unknown ids count nothing.
create or replace function nunchi.delete_items(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['items:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.remove_items((key ->> 'projectId')::uuid, key ->> 'environment', args -> 'ids');
end
$$;
revoke execute on function nunchi.delete_items(jsonb) from public;
grant execute on function nunchi.delete_items(jsonb) to nunchi_app;

-- { projectId, environment, ids } → as delete_items(). Run by the owner.
create or replace function nunchi.delete_items_of(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  select nunchi.remove_items((args ->> 'projectId')::uuid, args ->> 'environment', args -> 'ids')
$$;
revoke execute on function nunchi.delete_items_of(jsonb) from public;

-- The positions of the first `most` of the candidates in an order that does not say the same again and again: maximal
-- marginal relevance (Carbonell and Goldstein, 1998) over the Jaccard index of tags. Part of recommend(). The candidates
-- come best first; past the twentieth place their own order holds.
create or replace function nunchi.diverse_order(given nunchi.candidate[], most integer, diversity double precision)
returns integer[]
language plpgsql immutable set search_path = '' as $$
declare
  size constant integer := least(cardinality(given), 40 + most);
  top constant double precision := greatest(given[1].score, 1e-9);
  masks bigint[];
  scores double precision[];
  likeness double precision[] := array_fill(0::double precision, array[size]);
  taken boolean[] := array_fill(false, array[size]);
  result integer[] := '{}';
  best integer;
  gain double precision;
  most_gain double precision;
  mine bigint;
  common integer;
begin
  -- The 62 tags that most candidates have, a bit each.
  select array_agg(coalesce(m.mask, 0) order by g.n), array_agg(g.score / top order by g.n) into masks, scores
  from unnest(given[:size]) with ordinality g (type, id, score, near, popular, known, seed, source, part, fresh, title,
    url, image, tags, attributes, n)
  left join (
    select u.n, bit_or(1::bigint << b.bit) as mask
    from (
      select t.tag, (row_number() over (order by count(*) desc, t.tag) - 1)::integer as bit
      from unnest(given[:size]) g cross join unnest(g.tags) t (tag) group by t.tag order by count(*) desc, t.tag limit 62
    ) b
    join (
      select g.n, t.tag from unnest(given[:size]) with ordinality g (type, id, score, near, popular, known, seed, source,
        part, fresh, title, url, image, tags, attributes, n) cross join unnest(g.tags) t (tag)
    ) u on u.tag = b.tag
    group by u.n
  ) m on m.n = g.n;

  for place in 1 .. least(most, 20, size) loop
    best := null;
    for i in 1 .. size loop
      continue when taken[i];
      gain := (1 - diversity) * scores[i] - diversity * likeness[i];
      if best is null or gain > most_gain then
        best := i;
        most_gain := gain;
      end if;
      -- Whoever comes later has a lower score: nobody can gain more.
      exit when (1 - diversity) * scores[i] <= most_gain and i > best;
    end loop;
    taken[best] := true;
    result := result || best;
    mine := masks[best];
    continue when mine = 0;
    for i in 1 .. size loop
      if not taken[i] then
        common := bit_count((mine & masks[i])::bit(64));
        if common > 0 then
          likeness[i] := greatest(likeness[i], common::double precision / bit_count((mine | masks[i])::bit(64)));
        end if;
      end if;
    end loop;
  end loop;
  for i in 1 .. cardinality(given) loop
    exit when cardinality(result) >= most;
    if i > size or not taken[i] then
      result := result || i;
    end if;
  end loop;
  return result;
end
$$;
revoke execute on function nunchi.diverse_order(nunchi.candidate[], integer, double precision) from public;

-- {} → the facts that `nunchi doctor` judges: server, login, roles, row-level security, partitions.
-- Counts are exact but bounded (10,000).
create or replace function nunchi.doctor(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object(
    'serverVersion', current_setting('server_version'),
    'serverVersionNumber', current_setting('server_version_num')::integer,
    'synchronousCommit', current_setting('synchronous_commit'),
    'schemaVersion', (select max(m.version) from nunchi.schema_migrations m),
    'login', (select jsonb_build_object('name', r.rolname, 'superuser', r.rolsuper, 'bypassRls', r.rolbypassrls)
      from pg_catalog.pg_roles r where r.rolname = session_user),
    'roles', (select jsonb_object_agg(r.rolname, jsonb_build_object('login', r.rolcanlogin, 'inherit', r.rolinherit,
        'superuser', r.rolsuper, 'bypassRls', r.rolbypassrls))
      from pg_catalog.pg_roles r where r.rolname in ('nunchi_owner', 'nunchi_app', 'nunchi_member', 'nunchi_reader')),
    'appReadsTables', (select coalesce(jsonb_agg(c.relname order by c.relname), '[]')
      from pg_catalog.pg_class c
      where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p', 'v')
        and has_table_privilege('nunchi_app', c.oid, 'select, insert, update, delete')),
    'tablesWithoutForcedRls', (select coalesce(jsonb_agg(c.relname order by c.relname), '[]')
      from pg_catalog.pg_class c
      where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p')
        and not (c.relrowsecurity and c.relforcerowsecurity)),
    'partitions', (select jsonb_build_object(
        'names', coalesce(jsonb_agg(c.relname order by c.relname) filter (where c.relname ~ '_\d{4}_\d\d$'), '[]'),
        'monthsAhead', count(*) filter (where c.relname ~ '_\d{4}_\d\d$'
          and right(c.relname, 7) > to_char(now() at time zone 'UTC', 'YYYY_MM')))
      from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'nunchi.analytics_events'::regclass),
    'defaultRows', (select count(*) from (select from nunchi.analytics_events_default limit 10000) d))
$$;
revoke execute on function nunchi.doctor(jsonb) from public;

-- Drops one month of events, with an audit row; answers its name, or nothing where a lock was not to be had in two
-- seconds, three times: the next run of retain() tries again. Part of retain().
create or replace function nunchi.drop_partition(name text, at timestamptz) returns text[]
language plpgsql set search_path = '' as $$
declare
  rows bigint;
begin
  -- Before the lock, since nobody writes meanwhile; of more than a million the server's own estimate will do.
  select c.reltuples::bigint into rows from pg_catalog.pg_class c where c.oid = format('nunchi.%I', name)::regclass;
  if rows < 1000000 then
    execute format('select count(*) from nunchi.%I', name) into rows;
  end if;
  for attempt in 1..3 loop
    begin
      -- Within this block alone: whoever waits for the parent's lock holds up all who come after.
      perform set_config('lock_timeout', '2s', true);
      lock table nunchi.analytics_events in access exclusive mode;
      -- Asked again under the lock: a late event may have come in meanwhile.
      if not exists (select from nunchi.retain_months(at) m where m.name = drop_partition.name) then
        return '{}';
      end if;
      execute format('drop table nunchi.%I', name);
      perform nunchi.audit(null, 'job:retention', 'retention.drop', name, jsonb_build_object('rows', rows), null);
      return array[name];
    exception when lock_not_available then
      perform pg_sleep(0.2 * attempt * (0.5 + random()));
    end;
  end loop;
  return '{}';
end
$$;
revoke execute on function nunchi.drop_partition(text, timestamptz) from public;

-- Deletes what every other table tells of the person. Part of erase_person(), once the events are gone.
create or replace function nunchi.erase_derived(run nunchi.erasure_runs) returns nunchi.erasure_runs
language plpgsql set search_path = '' as $$
declare
  rule record;
  gone bigint;
  env text;
begin
  perform pg_advisory_xact_lock(hashtext('nunchi.results'), hashtext(run.project_id::text));
  for rule in select * from nunchi.person_tables() p where p.name <> 'analytics_events' loop
    if rule.name = 'result_touches' then
      -- What the deleting touched is summed up without the person.
      update nunchi.result_trackers t set built = '' where t.project_id = run.project_id and t.built = any (run.ids);
      for env in select distinct t.environment from nunchi.result_trackers t where t.project_id = run.project_id loop
        while nunchi.result_advance(run.project_id, env, 2000) > 0 loop
          null;
        end loop;
      end loop;
    end if;
    execute format('delete from nunchi.%I t where t.project_id = $1 and (%s)', rule.name, rule.own)
    using run.project_id, run.ids;
    get diagnostics gone = row_count;
    if rule.shared is not null then
      execute rule.shared using run.project_id, run.ids;
    end if;
    run.removed := run.removed || jsonb_build_object(rule.name, gone);
  end loop;
  return run;
end
$$;
revoke execute on function nunchi.erase_derived(nunchi.erasure_runs) from public;

-- Looks at the next `size` events of the run's project, in the order of their ids, and deletes those of the
-- person, also from what waits to be processed. Part of erase_person().
create or replace function nunchi.erase_events(run nunchi.erasure_runs, size integer) returns nunchi.erasure_runs
language plpgsql set search_path = '' as $$
declare
  looked integer;
  last uuid;
  own uuid[];
  shared uuid[];
  rule record;
begin
  select * into strict rule from nunchi.person_tables() p where p.name = 'analytics_events';
  execute format('
    select count(*), (array_agg(t.id order by t.id desc))[1], array_agg(t.id) filter (where %1$s),
      array_agg(t.id) filter (where not coalesce(%1$s, false) and (t.anonymous_id = any ($2) or t.previous_id = any ($2)))
    from (select e.id, e.user_id, e.anonymous_id, e.previous_id from nunchi.analytics_events e
      where e.project_id = $1 and e.id > $3 order by e.id limit $4) t', rule.own)
  into looked, last, own, shared using run.project_id, run.ids, run.after, size;

  if own is not null then
    delete from nunchi.analytics_events e where e.project_id = run.project_id and e.id = any (own);
    update nunchi.event_processing_queue q
    set (project_ids, event_ids) = (
      select coalesce(array_agg(u.project_id order by u.n), '{}'), coalesce(array_agg(u.id order by u.n), '{}')
      from unnest(q.project_ids, q.event_ids) with ordinality u (project_id, id, n)
      where u.project_id <> run.project_id or u.id <> all (own))
    where q.event_ids && own;
    delete from nunchi.event_processing_queue q where q.event_ids = '{}';
  end if;
  if shared is not null then
    execute rule.shared using run.project_id, run.ids, shared;
  end if;
  run.removed := run.removed || jsonb_build_object('analytics_events',
    coalesce((run.removed ->> 'analytics_events')::bigint, 0) + coalesce(cardinality(own), 0));
  run.after := coalesce(last, run.after);
  run.phase := case when looked < size then 'derived' else 'events' end;
  return run;
end
$$;
revoke execute on function nunchi.erase_events(nunchi.erasure_runs, integer) from public;

-- { projectId, id, limit?, actor? } → { done, phase, ids, removed: { table: rows }, waiting? }: erases one person.
-- To be called until `done`: each call is a short transaction, and after a crash the next one goes on where the
-- last committed. First the tombstones, so that nothing more comes in; then `limit` (20,000) events of the
-- project are looked at per call; at last what was derived from them. One audit row at the end.
create or replace function nunchi.erase_person(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  subject constant text := nunchi.id_hash(project, args ->> 'id');
  run nunchi.erasure_runs;
  known integer;
begin
  if coalesce(args ->> 'id', '') = '' or not exists (select from nunchi.projects p where p.id = project) then
    raise invalid_parameter_value using message = 'erase_person() needs the projectId of a project that stands, and an id.';
  end if;
  -- One at a time for a project: two would wait for each other's writes.
  perform pg_advisory_xact_lock(hashtext('nunchi.erase_person'), hashtext(project::text));
  select * into run from nunchi.erasure_runs r where r.project_id = project
    and (r.id_hash = subject or args ->> 'id' = any (r.ids)) limit 1;
  if not found then
    insert into nunchi.erasure_runs (project_id, id_hash, ids, phase, after, removed)
    values (project, subject, nunchi.person_ids(project, args ->> 'id'), 'marked', nunchi.uuid_floor(to_timestamp(0)), '{}')
    returning * into run;
    insert into nunchi.erasures (project_id, id_hash)
    select project, nunchi.id_hash(project, i) from unnest(run.ids) i on conflict do nothing;
  elsif run.phase = 'marked' then
    -- Who looked for tombstones before these were committed may still be writing.
    if not nunchi.wait_for_writers('nunchi.analytics_events', '5 seconds') then
      return jsonb_build_object('done', false, 'phase', run.phase, 'ids', cardinality(run.ids), 'removed', run.removed, 'waiting', true);
    end if;
    -- What they wrote may name another device of the person.
    known := cardinality(run.ids);
    run.ids := array(select unnest(run.ids) union select unnest(nunchi.person_ids(project, args ->> 'id')));
    if cardinality(run.ids) > known then
      insert into nunchi.erasures (project_id, id_hash)
      select project, nunchi.id_hash(project, i) from unnest(run.ids) i on conflict do nothing;
    else
      run.phase := 'events';
    end if;
  elsif run.phase = 'events' then
    run := nunchi.erase_events(run, coalesce((args ->> 'limit')::integer, 20000));
  else
    -- Who read the events before they were gone may still be deriving from them.
    if not nunchi.wait_for_writers('nunchi.event_processing_queue', '5 seconds') then
      return jsonb_build_object('done', false, 'phase', run.phase, 'ids', cardinality(run.ids), 'removed', run.removed, 'waiting', true);
    end if;
    run := nunchi.erase_derived(run);
    delete from nunchi.erasure_runs r where r.project_id = project and r.id_hash = run.id_hash;
    perform nunchi.audit(project, args ->> 'actor', 'person.erase', run.id_hash, run.removed,
      jsonb_build_object('tombstones', cardinality(run.ids)));
    return jsonb_build_object('done', true, 'phase', 'done', 'ids', cardinality(run.ids), 'removed', run.removed);
  end if;
  update nunchi.erasure_runs r set ids = run.ids, phase = run.phase, after = run.after, removed = run.removed
  where r.project_id = project and r.id_hash = run.id_hash;
  return jsonb_build_object('done', false, 'phase', run.phase, 'ids', cardinality(run.ids), 'removed', run.removed);
end
$$;
revoke execute on function nunchi.erase_person(jsonb) from public;

-- Which variant of an experiment attributes give, as in the browser, bit for bit; `{"unsupported": …}` where SQL may not say.
create or replace function nunchi.evaluate_experiment(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  -- args: key, experiment, attributes (well-formed text), now (ms, default the clock's), targeting (false: as passed).
  key constant text := args ->> 'key';
  attributes constant jsonb := args -> 'attributes';
  experiment jsonb := args -> 'experiment';
  version int;
  hashed text;
  unit text;
  reason text;
  place int := -1;
  bucket int;
  assigned boolean := false;
  answer boolean;
  control int;
  clock constant bigint := coalesce((args ->> 'now')::bigint, floor(extract(epoch from now()) * 1000)::bigint);
begin
  if args -> 'targeting' = 'false' then
    experiment := experiment - '{condition,prerequisites,schedule,urls}'::text[];
  end if;
  hashed := coalesce(experiment ->> 'attribute', 'anonymousId');
  version := coalesce((experiment ->> 'hashVersion')::int, 3);
  if version not in (1, 2, 3) then return jsonb_build_object('unsupported', 'hashVersion'); end if;
  reason := nunchi.experiment_unsupported(experiment);
  if reason is not null then return jsonb_build_object('unsupported', reason); end if;

  unit := nunchi.unit_of(attributes, hashed);
  if unit = '' and experiment ? 'fallback' then
    unit := nunchi.unit_of(attributes, experiment ->> 'fallback');
    if unit <> '' then hashed := experiment ->> 'fallback'; end if;
  end if;
  if unit is null then return jsonb_build_object('unsupported', hashed); end if;

  if experiment ->> 'status' <> 'running' then
    reason := experiment ->> 'status';
    if reason = 'completed' and experiment ? 'winner' then
      reason := 'winner';
      place := nunchi.variant_position(experiment, experiment ->> 'winner');
    end if;
  elsif unit = '' then
    reason := 'no_unit';
  elsif experiment -> 'forced' ? unit then
    reason := 'forced';
    place := nunchi.variant_position(experiment, experiment -> 'forced' ->> unit);
  else
    reason := nunchi.in_namespaces(coalesce(experiment -> 'namespaces', '[]'), attributes, unit);
    if reason is null then return jsonb_build_object('unsupported', 'namespaces'); end if;
    if experiment ? 'condition' then
      answer := nunchi.matches_condition(experiment -> 'condition', attributes);
      if answer is null then return jsonb_build_object('unsupported', 'condition'); end if;
      if reason = '' and not answer then reason := 'condition'; end if;
    end if;
    if reason = '' and experiment ? 'schedule' and not (
      clock >= coalesce((experiment -> 'schedule' ->> 'start')::bigint, 0)
      and clock < coalesce((experiment -> 'schedule' ->> 'end')::bigint, 9223372036854775807)
    ) then
      reason := 'schedule';
    end if;
    if reason = '' then
      bucket := nunchi.bucket(version, coalesce(experiment ->> 'seed', key), unit);
      place := nunchi.choose_variant(experiment, bucket);
      if place < 0 or place >= jsonb_array_length(experiment -> 'variants') then
        reason := 'coverage';
        place := -1;
      elsif experiment ? 'force' then
        reason := 'forced';
        bucket := null;
        place := nunchi.variant_position(experiment, experiment ->> 'force');
      else
        reason := 'split';
        assigned := true;
      end if;
    end if;
  end if;

  control := nunchi.control_position(experiment);
  return jsonb_build_object(
    'experiment', key, 'variant', experiment -> 'variants' -> (case when place < 0 then control else place end) ->> 'key',
    'index', case when place < 0 then control else place end, 'inExperiment', place >= 0, 'assigned', assigned,
    'reason', reason, 'revision', experiment -> 'revision', 'attribute', hashed, 'unit', unit, 'bucket', bucket
  );
end
$$;
revoke execute on function nunchi.evaluate_experiment(jsonb) from public;

-- The conversions among the facts: `Conversion Tracked` of people. `whole` says whether it can be counted. Part of
-- process().
create or replace function nunchi.experiment_conversions_in(facts nunchi.fact[])
returns table (project_id uuid, environment text, id uuid, occurred_at timestamptz, day date, anonymous_id text,
  user_id text, metric text, value numeric, step text, whole boolean)
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  select f.project_id, f.environment, f.id, f.occurred_at, f.day, f.anonymous_id, f.user_id, e.p ->> 'metric',
    case when w.whole then round((e.p ->> 'value')::numeric, 6) end, nullif(e.p ->> 'step', ''), w.whole
  from unnest(facts) f
  cross join lateral (select a.properties as p from nunchi.analytics_events a
    where a.project_id = f.project_id and a.id = f.id offset 0) e
  cross join lateral (select coalesce(
      jsonb_typeof(e.p -> 'metric') = 'string' and length(e.p ->> 'metric') between 1 and 200
      and case coalesce(jsonb_typeof(e.p -> 'value'), 'null') when 'null' then true
        when 'number' then abs((e.p ->> 'value')::numeric) < 1e15 else false end
      and coalesce(jsonb_typeof(e.p -> 'step'), 'null') in ('null', 'string')
      and coalesce(length(e.p ->> 'step'), 0) <= 200, false) as whole offset 0) w
  where f.counted and f.type = 'track' and f.name = 'Conversion Tracked'
$$;
revoke execute on function nunchi.experiment_conversions_in(nunchi.fact[]) from public;

-- What experiment_assignments and experiment_conversions hold of a project, in the shape that
-- recount_experiments() gives. Part of recount().
create or replace function nunchi.experiment_rows(project uuid)
returns table (area text, place text[], fact jsonb, at timestamptz, event uuid)
language sql stable set search_path = '' as $$
  select 'experiment_assignments', array[a.environment, a.experiment, a.revision::text, a.unit],
    to_jsonb(a) - '{project_id,environment,experiment,revision,unit,assigned_at,event_id}'::text[], a.assigned_at, a.event_id
  from nunchi.experiment_assignments a where a.project_id = project
  union all
  select 'experiment_conversions', array[c.environment, c.event_id::text],
    to_jsonb(c) - '{project_id,environment,event_id,occurred_at}'::text[], c.occurred_at, c.event_id
  from nunchi.experiment_conversions c where c.project_id = project
$$;
revoke execute on function nunchi.experiment_rows(uuid) from public;

-- What of an experiment SQL does not evaluate: the name of a field, null where there is none.
create or replace function nunchi.experiment_unsupported(experiment jsonb) returns text
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  known constant text[] := '{status,revision,variants,coverage,ranges,attribute,fallback,seed,hashVersion,namespaces,condition,schedule,forced,force,winner,assignmentKey,bucketVersion,disableSticky,meta}';
  field text;
begin
  select one into field from jsonb_object_keys(experiment) as fields(one) where one <> all (known) limit 1;
  if field is not null then return field; end if;
  select one into field from jsonb_array_elements(experiment -> 'variants') as variants(variant),
    jsonb_object_keys(variant) as fields(one)
  where one <> all ('{key,weight,isControl,configuration,passthrough,meta}'::text[]) limit 1;
  if field is not null then return 'variants.' || field; end if;
  select one into field from jsonb_object_keys(coalesce(experiment -> 'schedule', '{}')) as fields(one)
  where one <> all ('{start,end}'::text[]) limit 1;
  return 'schedule.' || field;
end
$$;
revoke execute on function nunchi.experiment_unsupported(jsonb) from public;

-- All that is stored of one person, in pages. { projectId, id, count?, actor? } → { ids, tables }: all the person's
-- ids, and the tables that tell of people; with one audit row, unless only to `count`.
-- { projectId, ids, table, after?, limit?, count? } → { rows, next }: the person's rows of a table, as JSON; `next`
-- is the next page's `after`, or null. A page of events looks at `limit` (5,000) events of the project, so it may
-- be empty and not the last. With `count`, `rows` is a number.
create or replace function nunchi.export_person(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  size constant integer := coalesce((args ->> 'limit')::integer, 5000);
  counting constant boolean := coalesce((args ->> 'count')::boolean, false);
  events constant boolean := args ->> 'table' = 'analytics_events';
  ids text[];
  rule record;
  page jsonb;
  looked integer;
  last text;
begin
  if args ->> 'table' is null then
    ids := nunchi.person_ids(project, args ->> 'id');
    if not counting then
      perform nunchi.audit(project, args ->> 'actor', 'person.export', nunchi.id_hash(project, args ->> 'id'), null,
        jsonb_build_object('ids', cardinality(ids)));
    end if;
    return jsonb_build_object('ids', ids, 'tables', (select jsonb_agg(p.name) from nunchi.person_tables() p));
  end if;
  ids := array(select jsonb_array_elements_text(args -> 'ids'));
  select * into strict rule from nunchi.person_tables() p where p.name = args ->> 'table';
  execute format('
    select count(*), %s, %s
    from (select t.*, %s as own from nunchi.%I t where t.project_id = $1 %s order by %s limit $3 %s) t',
    case when events then '(array_agg(t.id order by t.id desc))[1]::text' else '(coalesce($4, ''0'')::bigint + count(*))::text' end,
    case when counting then 'to_jsonb(count(*) filter (where t.own))'
      else format('coalesce(jsonb_agg(to_jsonb(t) - ''own'' order by %s) filter (where t.own), ''[]'')', rule.sort) end,
    case when events then format('coalesce(%s, false)', rule.own) else 'true' end,
    rule.name,
    case when events then 'and ($4 is null or t.id > $4::uuid)' else format('and (%s)', rule.own) end,
    rule.sort,
    case when events then '' else 'offset coalesce($4, ''0'')::bigint' end)
  into looked, last, page using project, ids, size, args ->> 'after';
  return jsonb_build_object('rows', page, 'next', case when looked < size then null else last end);
end
$$;
revoke execute on function nunchi.export_person(jsonb) from public;

-- The exposures among the facts: `Experiment Viewed` of people, each held to the config that it names. `fault` says
-- what is wrong with it, null where nothing is. Part of process(). An overridden one counts nowhere and is left out.
create or replace function nunchi.exposures_in(facts nunchi.fact[])
returns table (project_id uuid, environment text, id uuid, occurred_at timestamptz, day date, anonymous_id text,
  user_id text, experiment text, revision integer, unit text, attribute text, variant text, config_version text,
  rule text, fault text)
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  with seen as materialized (
    select f.project_id, f.environment, f.id, f.occurred_at, f.day, f.anonymous_id, f.user_id, e.properties as p,
      jsonb_typeof(e.properties -> 'experiment') = 'string' and length(e.properties ->> 'experiment') between 1 and 200
        and jsonb_typeof(e.properties -> 'variant') = 'string' and length(e.properties ->> 'variant') between 1 and 200
        and jsonb_typeof(e.properties -> 'configVersion') = 'string' and length(e.properties ->> 'configVersion') <= 200
        and jsonb_typeof(e.properties -> 'attribute') = 'string' and length(e.properties ->> 'attribute') between 1 and 200
        and jsonb_typeof(e.properties -> 'unit') = 'string' and length(e.properties ->> 'unit') between 1 and 256
        and jsonb_typeof(e.properties -> 'revision') = 'number' and e.properties ->> 'revision' ~ '^[1-9][0-9]{0,8}$'
        and coalesce(jsonb_typeof(e.properties -> 'rule'), 'null') in ('string', 'null')
        and coalesce(length(e.properties ->> 'rule'), 0) <= 200 as whole
    from unnest(facts) f
    cross join lateral (select a.properties from nunchi.analytics_events a
      where a.project_id = f.project_id and a.id = f.id offset 0) e
    where f.counted and f.type = 'track' and f.name = 'Experiment Viewed'
      and e.properties -> 'overridden' is distinct from 'true'
  ), known as materialized (
    -- Each config is read once, however many exposures name it.
    select t.project_id, t.environment, t.version, (select c.config -> 'experiments' from nunchi.config_versions c
      where c.project_id = t.project_id and c.version = t.version and c.environment = t.environment limit 1) as experiments
    from (select distinct s.project_id, s.environment, s.p ->> 'configVersion' as version from seen s where s.whole) t
  )
  select s.project_id, s.environment, s.id, s.occurred_at, s.day, s.anonymous_id, s.user_id, s.p ->> 'experiment',
    case when s.whole then (s.p ->> 'revision')::integer end, s.p ->> 'unit', s.p ->> 'attribute', s.p ->> 'variant',
    s.p ->> 'configVersion', nullif(s.p ->> 'rule', ''),
    case when s.whole is not true then 'malformed_exposure'
      when k.experiments is null then 'unknown_config:' || (s.p ->> 'experiment')
      when one.said is null then 'unknown_experiment:' || (s.p ->> 'experiment')
      when one.said -> 'revision' <> s.p -> 'revision' then 'unknown_revision:' || (s.p ->> 'experiment')
      when nunchi.variant_position(one.said, s.p ->> 'variant') < 0 then 'unknown_variant:' || (s.p ->> 'experiment')
    end
  from seen s
  left join known k on s.whole and k.project_id = s.project_id and k.environment = s.environment
    and k.version = s.p ->> 'configVersion'
  left join lateral (select k.experiments -> (s.p ->> 'experiment') as said) one on true
$$;
revoke execute on function nunchi.exposures_in(nunchi.fact[]) from public;

-- Notes the networks that a catalog's visitors come from in a crowd, whatever they look at: more than six times as many
-- as a network may count for, and more than one in twenty of all. Where there are more than 2,000 visitors nobody is
-- counted: a crowd would have to be of more than a hundred, and mark_crowd() finds it item by item. Items that a crowd had
-- to do with are computed anew. Part of refresh_recommendations().
create or replace function nunchi.find_crowds(project uuid, env text, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  crowd constant double precision := (said ->> 'networkCap')::double precision;
  most constant integer := 2000;
  known text[];
  found text[];
begin
  select c.crowds into known from nunchi.recommendation_catalogs c where c.project_id = project and c.environment = env;
  with recursive walk as (
    -- The actors in the order of the index, one look each; the network is that of the latest interaction.
    (select i.actor, i.by_user, i.network, 1 as n from nunchi.interactions i
      where i.project_id = project and i.environment = env
      order by i.actor, i.by_user, i.last_at desc, i.item limit 1)
    union all
    select x.actor, x.by_user, x.network, w.n + 1
    from walk w
    cross join lateral (
      select i.actor, i.by_user, i.network from nunchi.interactions i
      where i.project_id = project and i.environment = env and (i.actor, i.by_user) > (w.actor, w.by_user)
      order by i.actor, i.by_user, i.last_at desc, i.item limit 1) x
    where w.n <= most
  ), visitors as materialized (
    select w.network from walk w
  )
  select coalesce(array_agg(n.network order by n.network), '{}') into found from (
    select v.network from visitors v where v.network is not null group by v.network
    having count(*) > 6 * crowd and count(*) * 20 > (select count(*) from visitors)
      and (select count(*) from visitors) <= most) n;
  if found is distinct from known then
    update nunchi.recommendation_catalogs c set crowds = found where c.project_id = project and c.environment = env;
    insert into nunchi.item_changes as c (project_id, environment, item, shard)
    select distinct project, env, i.item, 0 from nunchi.interactions i
    where i.project_id = project and i.environment = env
      and (i.network = any (known) or i.network = any (found)) and i.crowded <> (i.network = any (found))
    order by 3
    on conflict (project_id, environment, item, shard) do nothing;
  end if;
end
$$;
revoke execute on function nunchi.find_crowds(uuid, text, jsonb) from public;

-- { id } → [{ projectId, id, type, name, occurredAt, receivedAt }]: every row with this id (one a project).
create or replace function nunchi.find_event(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', e.project_id, 'id', e.id, 'type', e.type, 'name', e.name,
      'occurredAt', floor(extract(epoch from e.occurred_at) * 1000)::bigint,
      'receivedAt', floor(extract(epoch from e.received_at) * 1000)::bigint) order by e.project_id), '[]')
  from nunchi.projects p join nunchi.analytics_events e on e.project_id = p.id and e.id = (args ->> 'id')::uuid
$$;
revoke execute on function nunchi.find_event(jsonb) from public;

-- { hash } → { keyId, projectId, projectName, environment, kind, scopes, origins, rateLimit, internal } | null.
-- Null where the key is unknown or revoked; the two are not told apart.
create or replace function nunchi.find_key(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select jsonb_build_object('keyId', k.id::text, 'projectId', p.id, 'projectName', p.name,
    'environment', k.environment, 'kind', k.kind, 'scopes', k.scopes, 'origins', k.origins,
    'rateLimit', k.rate_limit, 'internal', k.internal)
  from nunchi.api_keys k join nunchi.projects p on p.id = k.project_id
  where k.hash = args ->> 'hash' and k.revoked_at is null
$$;
revoke execute on function nunchi.find_key(jsonb) from public;
grant execute on function nunchi.find_key(jsonb) to nunchi_app;

-- { projectId, environment, source, generation, detail? } → { removed, more }: ends a training. Neighbors of that source
-- from before it go, 20,000 a call; to be called again while there is `more`. Then the model is noted, and answers of
-- before are not given again. { source: 'ease', generation: null } takes a model back: lists come from cf. Run by the job.
create or replace function nunchi.finish_training(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  origin constant text := args ->> 'source';
  born constant bigint := args ->> 'generation';
  gone bigint;
begin
  delete from nunchi.item_neighbors n where n.ctid = any (array(
    select o.ctid from nunchi.item_neighbors o
    where o.project_id = project and o.environment = env and o.source = origin and (born is null or o.generation < born)
    limit 20000));
  get diagnostics gone = row_count;
  if gone = 20000 then
    return jsonb_build_object('removed', gone, 'more', true);
  end if;
  if born is null then
    delete from nunchi.recommendation_models m where m.project_id = project and m.environment = env and m.source = origin;
  else
    insert into nunchi.recommendation_models as m (project_id, environment, source, generation, detail)
    values (project, env, origin, born, coalesce(args -> 'detail', '{}'))
    on conflict (project_id, environment, source) do update
    set generation = excluded.generation, detail = excluded.detail, trained_at = clock_timestamp();
  end if;
  update nunchi.recommendation_catalogs c set version = c.version + 1, changed_at = clock_timestamp()
  where c.project_id = project and c.environment = env;
  return jsonb_build_object('removed', gone, 'more', false);
end
$$;
revoke execute on function nunchi.finish_training(jsonb) from public;
grant execute on function nunchi.finish_training(jsonb) to nunchi_app;

-- FNV-1a, 32 bits, over a text's UTF-16 code units: what GrowthBook's hash versions 1 and 2 are made of.
create or replace function nunchi.fnv1a(value text) returns bigint
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  hash bigint := 2166136261;
  code int;
begin
  for i in 1 .. length(value) loop
    code := ascii(substr(value, i, 1));
    if code > 65535 then
      hash := ((hash # (55296 + ((code - 65536) >> 10))) * 16777619) & 4294967295;
      code := 56320 + ((code - 65536) & 1023);
    end if;
    hash := ((hash # code) * 16777619) & 4294967295;
  end loop;
  return hash;
end
$$;
revoke execute on function nunchi.fnv1a(text) from public;

-- Takes away the kept recommendations of the visitors, and of the people behind them, whom the facts tell of: something
-- happened, so the next answer is computed. Part of process().
create or replace function nunchi.forget_answers(facts nunchi.fact[]) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
begin
  if not exists (
    select from (select distinct f.project_id, f.environment from unnest(facts) f) p
    join nunchi.recommendation_cache c on c.project_id = p.project_id and c.environment = p.environment)
  then
    return;
  end if;
  delete from nunchi.recommendation_cache c where c.ctid = any (array(
    select k.ctid from nunchi.recommendation_cache k
    join (
      select w.project_id, w.environment, w.anonymous_id as actor, false as by_user from (
        select distinct f.project_id, f.environment, f.anonymous_id from unnest(facts) f) w
      where w.anonymous_id is not null
      union all
      -- Whom the events name, and whom the visitor first became.
      select w.project_id, w.environment, nunchi.person_of(w.project_id, w.user_id, w.anonymous_id), true from (
        select distinct f.project_id, f.environment, f.user_id, f.anonymous_id from unnest(facts) f) w
      where w.user_id is not null or exists (select from nunchi.identities i
        where i.project_id = w.project_id and i.anonymous_id = w.anonymous_id)
    ) t on t.project_id = k.project_id and t.environment = k.environment and t.actor = k.actor and t.by_user = k.by_user
    order by k.project_id, k.environment, k.actor, k.by_user, k.cache_key for update of k));
end
$$;
revoke execute on function nunchi.forget_answers(nunchi.fact[]) from public;

-- Takes away what was computed of an item that left the catalog. Part of refresh_recommendations().
create or replace function nunchi.forget_item(project uuid, env text, subject text) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
begin
  delete from nunchi.item_neighbors n where n.project_id = project and n.environment = env and n.item = subject;
  delete from nunchi.item_neighbors n where n.project_id = project and n.environment = env and n.neighbor = subject;
  delete from nunchi.item_stats t where t.project_id = project and t.environment = env and t.item = subject;
  delete from nunchi.item_popularity p where p.project_id = project and p.environment = env and p.item = subject;
end
$$;
revoke execute on function nunchi.forget_item(uuid, text, text) from public;

-- How many steps of a funnel were done in order, of what was done in the order of time; one event that is several steps
-- stands there as the later step first, so that it is one of them only. Part of summarize().
create or replace function nunchi.funnel_reached(steps integer[]) returns integer
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  step integer;
  reached integer := 0;
begin
  foreach step in array coalesce(steps, '{}') loop
    if step = reached + 1 then
      reached := step;
    end if;
  end loop;
  return reached;
end
$$;
revoke execute on function nunchi.funnel_reached(integer[]) from public;

-- GrowthBook's first hash, in parts of a thousand: fnv1a(value, seed) mod 1000.
create or replace function nunchi.hash_v1(seed text, value text) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  return nunchi.fnv1a(value || seed) % 1000;
end
$$;
revoke execute on function nunchi.hash_v1(text, text) from public;

-- GrowthBook's second hash, in parts of ten thousand: fnv1a of the decimal fnv1a(seed, value), mod 10,000.
create or replace function nunchi.hash_v2(seed text, value text) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  return nunchi.fnv1a(nunchi.fnv1a(seed || value)::text) % 10000;
end
$$;
revoke execute on function nunchi.hash_v2(text, text) from public;

-- {} → { ok, version, queue, now }: the last migration's number, how many queue rows wait (counted up to
-- 10,000), and the database's clock in ms. Cheap enough for a readiness probe.
create or replace function nunchi.health(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select jsonb_build_object('ok', true,
    'version', (select max(m.version) from nunchi.schema_migrations m),
    'queue', (select count(*) from (
      select from nunchi.event_processing_queue q where q.processing_status = 'pending' limit 10000) waiting),
    'now', floor(extract(epoch from clock_timestamp()) * 1000)::bigint)
$$;
revoke execute on function nunchi.health(jsonb) from public;
grant execute on function nunchi.health(jsonb) to nunchi_app;

-- The highest revision of each flag and each started experiment, of those that were there before and those of a
-- definition: { flags: { key: n }, experiments: { key: n } }. Part of publish_config().
create or replace function nunchi.highest_revisions(earlier jsonb, definition jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_object_agg(kind.name, (
    select coalesce(jsonb_object_agg(one.key, one.revision), '{}')
    from (
      select every.key, max(every.revision) as revision
      from (
        select before.key, before.value::bigint as revision
        from jsonb_each_text(coalesce(earlier -> kind.name, '{}')) before
        union all
        select now.key, (now.value ->> 'revision')::bigint
        from jsonb_each(definition -> kind.name) now
        -- Nobody saw a draft.
        where kind.name = 'flags' or now.value ->> 'status' <> 'draft'
      ) every
      group by every.key
    ) one
  ))
  from (values ('flags'), ('experiments')) kind (name)
$$;
revoke execute on function nunchi.highest_revisions(jsonb, jsonb) from public;

-- The host of an address, in small letters, without `www.`; null where it has none. ASCII first, by itself: in a Turkish
-- database the small letter of I is another one.
create or replace function nunchi.host_of(url text) returns text
language sql immutable strict parallel safe set search_path = '' as $$
  select regexp_replace(lower(lower(substring(url
    from '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]+)') collate "C") collate "default"), '^www\.', '')
$$;
revoke execute on function nunchi.host_of(text) from public;

-- What a tombstone keeps of an id: SHA-256 of the project's id, a colon and the id, hex.
create or replace function nunchi.id_hash(project uuid, id text) returns text
language sql stable strict parallel safe set search_path = '' as $$
  select encode(sha256(convert_to(project::text || ':' || id, 'UTF8')), 'hex')
$$;
revoke execute on function nunchi.id_hash(uuid, text) from public;

-- The anonymous, user and previous ids in an event's raw JSON, which may be cut anywhere.
create or replace function nunchi.ids_in(event text) returns text[]
language plpgsql stable strict set search_path = '' as $$
declare
  found text;
  ids text[] := '{}';
begin
  for found in
    select m[2] from regexp_matches(event,
      '"(anonymousId|userId|previousId|anonymous_id|user_id|previous_id)"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9][^,}\s]*)', 'g') m
  loop
    begin
      ids := ids || (found::jsonb #>> '{}');
    exception when others then
      -- An escape that Postgres cannot hold as text cannot be an id either.
      ids := ids || found;
    end;
  end loop;
  return ids;
end
$$;
revoke execute on function nunchi.ids_in(text) from public;

-- { projectId, environment, source, cursor, rows, accepted, duplicates, bad, done?, actor? } → null: an import has
-- come to `cursor`; the counts are those of its latest part. With `done` its key is revoked, with one audit row.
create or replace function nunchi.import_advance(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  run nunchi.import_runs;
begin
  update nunchi.import_runs r
  set cursor = coalesce(args ->> 'cursor', r.cursor), rows = r.rows + (args ->> 'rows')::bigint,
    accepted = r.accepted + (args ->> 'accepted')::bigint, duplicates = r.duplicates + (args ->> 'duplicates')::bigint,
    bad = r.bad + (args ->> 'bad')::bigint, finished_at = case when args -> 'done' = 'true' then now() end
  where r.project_id = (args ->> 'projectId')::uuid and r.environment = args ->> 'environment' and r.source = args ->> 'source'
  returning * into strict run;
  if run.finished_at is not null then
    perform nunchi.revoke_key(jsonb_build_object('keyId', run.key_id::text, 'actor', args -> 'actor'));
    perform nunchi.audit(run.project_id, args ->> 'actor', 'import.finish', run.source, null, jsonb_build_object(
      'rows', run.rows, 'accepted', run.accepted, 'duplicates', run.duplicates, 'bad', run.bad));
  end if;
  return null;
end
$$;
revoke execute on function nunchi.import_advance(jsonb) from public;

-- { projectId, environment, source, keyHash, actor? } → { keyHash, cursor, rows, accepted, duplicates, bad, resumed }:
-- begins an import, or goes on with one of the same source that did not come to its end. Its events are written
-- with a key of its own that nobody has the text of.
create or replace function nunchi.import_start(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  run nunchi.import_runs;
  hash text;
begin
  select * into run from nunchi.import_runs r
  where r.project_id = project and r.environment = args ->> 'environment' and r.source = args ->> 'source' for update;
  select k.hash into hash from nunchi.api_keys k where k.id = run.key_id and k.revoked_at is null;
  if run.finished_at is null and hash is not null then
    return to_jsonb(run) || jsonb_build_object('keyHash', hash, 'resumed', true);
  end if;
  hash := args ->> 'keyHash';
  insert into nunchi.import_runs as r (project_id, environment, source, key_id)
  values (project, args ->> 'environment', args ->> 'source', (nunchi.create_key(jsonb_build_object(
    'projectId', project, 'environment', args -> 'environment', 'kind', 'srv', 'hash', hash, 'hint', 'import',
    'scopes', '["events:write"]'::jsonb, 'actor', args -> 'actor')) ->> 'keyId')::integer)
  on conflict (project_id, environment, source) do update set key_id = excluded.key_id,
    -- A run whose key somebody revoked goes on; one that had ended begins anew.
    cursor = case when r.finished_at is null then r.cursor end, rows = case when r.finished_at is null then r.rows else 0 end,
    accepted = case when r.finished_at is null then r.accepted else 0 end,
    duplicates = case when r.finished_at is null then r.duplicates else 0 end,
    bad = case when r.finished_at is null then r.bad else 0 end, started_at = now(), finished_at = null
  returning * into run;
  return to_jsonb(run) || jsonb_build_object('keyHash', hash, 'resumed', run.cursor is not null);
end
$$;
revoke execute on function nunchi.import_start(jsonb) from public;

-- Why namespaces or holdouts keep a unit out: `namespace`, `holdout`; empty where they do not, null where unknown.
create or replace function nunchi.in_namespaces(namespaces jsonb, attributes jsonb, hashed text) returns text
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  space jsonb;
  unit text;
  place int;
  holdout boolean;
begin
  for space in select * from jsonb_array_elements(namespaces) loop
    if space - '{name,ranges,hashVersion,attribute,seed,holdout}'::text[] <> '{}' then return null; end if;
    unit := case when space ? 'attribute' then nunchi.unit_of(attributes, space ->> 'attribute') else hashed end;
    holdout := coalesce((space ->> 'holdout')::boolean, false);
    if unit is null then return null; end if;
    if unit = '' then
      if not holdout then return 'namespace'; end if;
      continue;
    end if;
    place := nunchi.in_ranges(
      nunchi.bucket(
        coalesce((space ->> 'hashVersion')::int, 3), coalesce(space ->> 'seed', '__' || (space ->> 'name')), unit
      ),
      space -> 'ranges'
    );
    if place is null then return null; end if;
    if place < 0 then return case when holdout then 'holdout' else 'namespace' end; end if;
  end loop;
  return '';
end
$$;
revoke execute on function nunchi.in_namespaces(jsonb, jsonb, text) from public;

-- The position, from 0, of the first [start, end) that holds the bucket; -1 where none does.
create or replace function nunchi.in_ranges(bucket int, ranges jsonb) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  for i in 0 .. jsonb_array_length(ranges) - 1 loop
    if bucket >= (ranges -> i ->> 0)::int and bucket < (ranges -> i ->> 1)::int then return i; end if;
  end loop;
  return -1;
end
$$;
revoke execute on function nunchi.in_ranges(int, jsonb) from public;

-- Stores a group of batches, each event once, and answers batch by batch.
-- { batches: [{ batch, keyHash, receivedAt, sentAt, context, dropped, events, rejects }] }
--   → { batches: [{ batch, accepted, duplicates, rejected: [{ index, id, code, detail, fix, docs }] } | { batch, error }] }
-- Project and environment come from the key, never from the body. The usual case is one plain insert and
-- its queue row; only when something came again, or fell outside the months that stand, is there more work.
create or replace function nunchi.ingest(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  batches constant jsonb := coalesce(args -> 'batches', '[]');
  batch jsonb;
  key nunchi.api_keys;
  -- Per batch: whose it is (null where the key is unknown), and the answer if all of it is new.
  owners uuid[] := '{}';
  keys integer[] := '{}';
  environments text[] := '{}';
  internals boolean[] := '{}';
  answers jsonb := '[]';
  size integer;
  total integer := 0;
  notes boolean := false;
  -- Per stored event, in the order of both.
  projects uuid[];
  ids uuid[];
  outside boolean;
  -- [{ projectId, id }]: events that the default partition has no room for.
  refused jsonb := '[]';
begin
  for i in 0 .. jsonb_array_length(batches) - 1 loop
    batch := batches -> i;
    if batch ->> 'keyHash' is distinct from key.hash then
      select k.* into key from nunchi.api_keys k where k.hash = batch ->> 'keyHash' and k.revoked_at is null;
    end if;
    owners := owners || key.project_id;
    keys := keys || key.id;
    environments := environments || key.environment;
    internals := internals || key.internal;
    if key.id is null then
      answers := answers || jsonb_build_object('batch', batch -> 'batch', 'error', 'key_unknown');
    else
      size := jsonb_array_length(batch -> 'events');
      total := total + size;
      notes := notes or batch -> 'rejects' <> '[]' or batch -> 'dropped' <> '{}';
      answers := answers || jsonb_build_object('batch', batch -> 'batch', 'accepted', size, 'duplicates', 0,
        'rejected', '[]'::jsonb);
    end if;
  end loop;

  with stored as (
    insert into nunchi.analytics_events (project_id, id, occurred_at, received_at, ts, skew_ms, seq, key_id,
      clock_suspect, internal, bot, environment, type, name, tab, sdk, anonymous_id, user_id, session_id, group_id,
      previous_id, page_url, page_referrer, page_title, properties, user_context, experiment_context,
      personalization_context, context)
    select b.project_id, e.id, to_timestamp((e.ts + b.skew_ms) / 1000.0), b.received_at, to_timestamp(e.ts / 1000.0),
      b.skew_ms, e.seq, b.key_id,
      -- The id's time from its first four bytes: exact to 66 seconds, and a tenth of the cost of all six.
      b.skewed or abs(e.ts + b.skew_ms - 65536 * (get_byte(uuid_send(e.id), 0) * 16777216::float8
        + get_byte(uuid_send(e.id), 1) * 65536 + get_byte(uuid_send(e.id), 2) * 256
        + get_byte(uuid_send(e.id), 3))) > 172800000,
      b.internal, b.bot, b.environment, e.type, e.name, e.tab, e.sdk, e."anonymousId", e."userId", e."sessionId",
      e."groupId", e."previousId", e.page ->> 'url', e.page ->> 'referrer', e.page ->> 'title', e.properties,
      e."userContext", e."experimentContext", e."personalizationContext", b.context
    from (
      select r.events, r.context, owners[r.n] as project_id, keys[r.n] as key_id, environments[r.n] as environment,
        internals[r.n] as internal, r.context -> 'bot' is not distinct from 'true' as bot,
        to_timestamp(r."receivedAt" / 1000.0) as received_at,
        r."receivedAt" - r."sentAt" as skew_ms, abs(r."receivedAt" - r."sentAt") > 172800000 as skewed
      from rows from (jsonb_to_recordset(batches) as ("receivedAt" double precision, "sentAt" double precision,
        context jsonb, events jsonb)) with ordinality as r ("receivedAt", "sentAt", context, events, n)
      where owners[r.n] is not null
      offset 0
    ) b, jsonb_to_recordset(b.events) as e (id uuid, type text, name text, ts double precision, tab text,
      seq bigint, "userId" text, "anonymousId" text, "sessionId" text, "groupId" text, "previousId" text,
      page jsonb, sdk text, properties jsonb, "userContext" jsonb, "experimentContext" jsonb,
      "personalizationContext" jsonb)
    -- Of erased people nothing is stored. Where nobody of these projects was erased, this is one look for all.
    where not (select exists (select from nunchi.erasures x where x.project_id = any (owners)))
      or not exists (
        select from nunchi.erasures x
        where x.project_id = b.project_id and x.id_hash in (
          encode(sha256(convert_to(b.project_id::text || ':' || e."anonymousId", 'UTF8')), 'hex'),
          encode(sha256(convert_to(b.project_id::text || ':' || e."userId", 'UTF8')), 'hex'),
          encode(sha256(convert_to(b.project_id::text || ':' || e."previousId", 'UTF8')), 'hex')))
    -- One order for everyone, so that two calls with the same events cannot deadlock.
    order by b.project_id, e.id
    on conflict do nothing
    returning project_id, id, tableoid
  )
  select array_agg(s.project_id), array_agg(s.id),
    bool_or(s.tableoid = 'nunchi.analytics_events_default'::regclass)
  into projects, ids, outside
  from stored s;

  if outside then
    select kept.projects, kept.ids, kept.refused into projects, ids, refused
    from nunchi.ingest_overflow(projects, ids) kept;
  end if;
  if coalesce(cardinality(ids), 0) < total then
    answers := nunchi.ingest_answers(batches, owners, projects, ids, refused);
    notes := true;
  end if;
  if notes then
    perform nunchi.ingest_notes(batches, owners, answers);
  end if;
  if cardinality(ids) > 0 then
    insert into nunchi.event_processing_queue (project_ids, event_ids) values (projects, ids);
  end if;
  return jsonb_build_object('batches', answers);
end
$$;
revoke execute on function nunchi.ingest(jsonb) from public;
grant execute on function nunchi.ingest(jsonb) to nunchi_app;

-- Counts, batch by batch, what was stored, what came again and what was refused. Part of ingest(), called
-- only when not every event was stored: of several copies the first in the group is the accepted one.
create or replace function nunchi.ingest_answers(
  batches jsonb, owners uuid[], projects uuid[], ids uuid[], refused jsonb)
returns jsonb
language sql stable security definer set search_path = '' as $$
  with batch as (
    select b.n, b.j, owners[b.n] as project_id from jsonb_array_elements(batches) with ordinality as b (j, n)
  ), event as (
    select b.n, e.i - 1 as index, b.project_id, (e.j ->> 'id')::uuid as id, e.j,
      row_number() over (partition by b.project_id, (e.j ->> 'id')::uuid order by b.n, e.i) = 1 as first
    from batch b, jsonb_array_elements(b.j -> 'events') with ordinality as e (j, i)
    where b.project_id is not null
  ), verdict as (
    select e.n, e.index, e.id, e.first and s.id is not null as accepted,
      case when r.id is not null then 'event_partition_full'
        when s.id is null and exists (
          select from nunchi.erasures x
          where x.project_id = e.project_id and x.id_hash in (nunchi.id_hash(e.project_id, e.j ->> 'anonymousId'),
            nunchi.id_hash(e.project_id, e.j ->> 'userId'), nunchi.id_hash(e.project_id, e.j ->> 'previousId')))
        then 'person_erased' end as refused
    from event e
    left join unnest(projects, ids) as s (project_id, id) on s.project_id = e.project_id and s.id = e.id
    left join jsonb_to_recordset(ingest_answers.refused) as r ("projectId" uuid, id uuid)
      on r."projectId" = e.project_id and r.id = e.id
  ), answer as (
    select v.n, count(*) filter (where v.accepted) as accepted,
      count(*) filter (where not v.accepted and v.refused is null) as duplicates,
      coalesce(jsonb_agg(jsonb_build_object('index', v.index, 'id', v.id, 'code', v.refused,
        'detail', format(case v.refused
          when 'event_partition_full' then 'events[%s].id lies outside the months that can be stored, and this key has too many such events already.'
          else 'events[%s] is of a person whose data was erased; nothing of it was kept.' end, v.index),
        'fix', case v.refused
          when 'event_partition_full' then 'Set the clock of the device that made the id, or run nunchi doctor to see which partitions stand.'
          else 'Call reset() so that the device starts anew, or let the id return with nunchi erase --lift.' end,
        'docs', 'https://nunchi.dev/docs/errors#' || v.refused) order by v.index)
        filter (where v.refused is not null), '[]') as rejected
    from verdict v group by v.n
  )
  select jsonb_agg(case when b.project_id is null
      then jsonb_build_object('batch', b.j -> 'batch', 'error', 'key_unknown')
      else jsonb_build_object('batch', b.j -> 'batch', 'accepted', coalesce(a.accepted, 0),
        'duplicates', coalesce(a.duplicates, 0), 'rejected', coalesce(a.rejected, '[]')) end order by b.n)
  from batch b left join answer a using (n)
$$;
revoke execute on function nunchi.ingest_answers(jsonb, uuid[], uuid[], uuid[], jsonb) from public;

-- Records beside the events what was refused, what the SDKs dropped, and how many events came again.
-- Part of ingest(), called only when there is something of the kind. A resent batch adds nothing: rejects
-- have the batch's id in their key, and drops count only with a batch that brought something new.
create or replace function nunchi.ingest_notes(batches jsonb, owners uuid[], answers jsonb)
returns void
language plpgsql security definer set search_path = '' as $$
declare
  erasing constant boolean := exists (select from nunchi.erasures x where x.project_id = any (owners));
begin
  insert into nunchi.event_rejects (project_id, batch, index, event_id, code, detail, event, key_id, received_at)
  select owners[b.n], b.j ->> 'batch', (r.rejection ->> 'index')::integer,
    case when not s.silent then r.rejection ->> 'id' end, r.rejection ->> 'code',
    -- A sentence may quote the event.
    case when s.silent then 'The event is of a person whose data was erased; nothing of it was kept.'
      else r.rejection ->> 'detail' end,
    case when s.silent then '' else r.event end, k.id,
    to_timestamp((b.j ->> 'receivedAt')::bigint / 1000.0)
  from jsonb_array_elements(batches) with ordinality as b (j, n)
  join nunchi.api_keys k on k.hash = b.j ->> 'keyHash',
  lateral (
    select x.rejection, x.event
    from jsonb_to_recordset(b.j -> 'rejects') as x (rejection jsonb, event text)
    union all
    -- The answer counts among the events that came here; `positions` says where they stood in the batch as sent.
    select x.rejection || jsonb_build_object('index', i.sent, 'detail',
        replace(x.rejection ->> 'detail', format('events[%s]', i.here), format('events[%s]', i.sent))),
      left((b.j -> 'events' -> i.here)::text, 2000)
    from jsonb_array_elements(answers -> (b.n - 1)::integer -> 'rejected') as x (rejection),
    lateral (select (x.rejection ->> 'index')::integer as here) h,
    lateral (select h.here, coalesce((b.j -> 'positions' ->> h.here)::integer, h.here) as sent) i
  ) r,
  -- Of erased people not even what was refused is kept, whatever it was refused for.
  lateral (select r.rejection ->> 'code' = 'person_erased' or erasing and exists (
    select from unnest(nunchi.ids_in(r.event)) i
    join nunchi.erasures x on x.project_id = owners[b.n] and x.id_hash = nunchi.id_hash(owners[b.n], i)) as silent) s
  where owners[b.n] is not null
  order by 1, 2, 3
  on conflict do nothing;

  insert into nunchi.sdk_drops as d (project_id, day, reason, events)
  select owners[b.n], (to_timestamp((b.j ->> 'receivedAt')::bigint / 1000.0) at time zone 'UTC')::date, r.reason,
    sum(r.events)
  from jsonb_array_elements(batches) with ordinality as b (j, n),
  lateral (select answers -> (b.n - 1)::integer as j) a,
  lateral (
    select x.key as reason, x.value::bigint as events
    from jsonb_each_text(b.j -> 'dropped') x
    where (a.j ->> 'accepted')::bigint > 0 or b.j -> 'events' = '[]'
    union all
    select 'retransmit', (a.j ->> 'duplicates')::bigint
  ) r
  where owners[b.n] is not null and r.events > 0
  group by 1, 2, 3
  order by 1, 2, 3
  on conflict (project_id, day, reason) do update set events = d.events + excluded.events;
end
$$;
revoke execute on function nunchi.ingest_notes(jsonb, uuid[], jsonb) from public;

-- Takes events just stored out of the default partition again where their key has too many there: each of
-- them would slow down every later partition. Part of ingest(), called only when some fell outside. What is
-- too much is looked for first, and each event by its whole key: a sender whose clock is far off must not make
-- every call read all that stands there.
create or replace function nunchi.ingest_overflow(
  inout projects uuid[], inout ids uuid[], out refused jsonb)
language plpgsql security definer set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  room constant integer := 10000;
  surplus record;
begin
  refused := '[]';
  for surplus in
    with added as materialized (
      select d.project_id, d.id, d.key_id, row_number() over (partition by d.key_id order by d.id) as place,
        count(*) over (partition by d.key_id) as news
      from unnest(projects, ids) as a (project_id, id)
      cross join lateral (select s.project_id, s.id, s.key_id from nunchi.analytics_events_default s
        where s.project_id = a.project_id and s.id = a.id offset 0) d
    ), full_keys as materialized (
      select k.key_id, room - (
          select count(*) from (
            select from nunchi.analytics_events_default d
            where d.project_id = k.project_id and d.key_id = k.key_id limit room + k.news
          ) held
        ) + k.news as left_over
      from (select distinct project_id, key_id, news from added) k
    )
    select a.project_id, array_agg(a.id order by a.id) as ids
    from added a join full_keys f using (key_id) where a.place > f.left_over
    group by a.project_id
  loop
    delete from nunchi.analytics_events_default d where d.project_id = surplus.project_id and d.id = any (surplus.ids);
    refused := refused || (select jsonb_agg(jsonb_build_object('projectId', surplus.project_id, 'id', i))
      from unnest(surplus.ids) i);
  end loop;

  if refused <> '[]' then
    select array_agg(a.project_id order by a.project_id, a.id), array_agg(a.id order by a.project_id, a.id)
    into projects, ids
    from unnest(projects, ids) as a (project_id, id)
    where (a.project_id, a.id) not in (
      select r."projectId", r.id from jsonb_to_recordset(refused) as r ("projectId" uuid, id uuid));
  end if;
end
$$;
revoke execute on function nunchi.ingest_overflow(uuid[], uuid[]) from public;

-- { keyHash, cacheKey, reserve, budget } → { answer } (null where the model wrote nothing of use a short while ago), or
-- { granted, day }: whether that day's budget (UTC) has room for `reserve` tokens, which are then taken, or
-- { error: 'key_unknown' }. Project and environment are the key's; whether it may read insights, the caller has asked.
create or replace function nunchi.insight_begin(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  k nunchi.api_keys;
  kept nunchi.insight_cache;
  today constant date := (clock_timestamp() at time zone 'UTC')::date;
  reserve constant bigint := args ->> 'reserve';
  budget constant bigint := args ->> 'budget';
begin
  select a.* into k from nunchi.api_keys a where a.hash = args ->> 'keyHash' and a.revoked_at is null;
  if k.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  select c.* into kept from nunchi.insight_cache c
  where c.project_id = k.project_id and c.environment = k.environment and c.key = args ->> 'cacheKey'
    and c.expires_at > clock_timestamp();
  if kept.key is not null then
    return jsonb_build_object('answer', kept.answer);
  end if;
  insert into nunchi.insight_usage (project_id, day, tokens, calls, refused) values (k.project_id, today, 0, 0, 0)
  on conflict do nothing;
  -- One row, one lock: two that ask at once cannot both have the last of it.
  update nunchi.insight_usage u set tokens = u.tokens + reserve, calls = u.calls + 1
  where u.project_id = k.project_id and u.day = today and u.tokens + reserve <= budget;
  if found then
    return jsonb_build_object('granted', true, 'day', today);
  end if;
  update nunchi.insight_usage u set refused = u.refused + 1 where u.project_id = k.project_id and u.day = today;
  return jsonb_build_object('granted', false, 'day', today);
end
$$;
revoke execute on function nunchi.insight_begin(jsonb) from public;
grant execute on function nunchi.insight_begin(jsonb) to nunchi_app;

-- { keyHash, day, reserved, used, cacheKey?, answer?, keepMs? } → {}: corrects what `insight_begin` took on `day` to what
-- was used, and keeps `answer` (null: nothing of use) for `keepMs` where a cacheKey is given. What expired goes, 100 rows
-- a call. A call that never comes leaves the reservation as used.
create or replace function nunchi.insight_end(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  k nunchi.api_keys;
  correction constant bigint := (args ->> 'used')::bigint - (args ->> 'reserved')::bigint;
begin
  select a.* into k from nunchi.api_keys a where a.hash = args ->> 'keyHash';
  update nunchi.insight_usage u set tokens = greatest(0, u.tokens + correction)
  where u.project_id = k.project_id and u.day = (args ->> 'day')::date and correction <> 0;
  if args ? 'cacheKey' then
    insert into nunchi.insight_cache as c (project_id, environment, key, answer, expires_at)
    select k.project_id, k.environment, args ->> 'cacheKey', nullif(args -> 'answer', 'null'),
      clock_timestamp() + make_interval(secs => (args ->> 'keepMs')::double precision / 1000)
    where k.id is not null
    on conflict (project_id, environment, key) do update
    set answer = excluded.answer, expires_at = excluded.expires_at;
  end if;
  delete from nunchi.insight_cache c where c.ctid = any (array(
    select d.ctid from nunchi.insight_cache d where d.expires_at < clock_timestamp() limit 100 for update skip locked));
  return '{}';
end
$$;
revoke execute on function nunchi.insight_end(jsonb) from public;
grant execute on function nunchi.insight_end(jsonb) to nunchi_app;

-- { keyHash, recommendationId, userId? | anonymousId? } → { type, items } of the list with this id, or null, or
-- { error: 'key_unknown' }. A userId (one that the caller has verified) sees lists of that person and of their devices, an
-- anonymousId its own; both see what is nobody's in particular. A server's key that names nobody sees any.
create or replace function nunchi.insight_recommendation(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  k nunchi.api_keys;
  r nunchi.insight_recommendations;
  allowed boolean;
begin
  select a.* into k from nunchi.api_keys a where a.hash = args ->> 'keyHash' and a.revoked_at is null;
  if k.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  select i.* into r from nunchi.insight_recommendations i
  where i.project_id = k.project_id and i.environment = k.environment and i.recommendation_id = args ->> 'recommendationId'
    and i.expires_at > clock_timestamp();
  if not found then
    return null;
  end if;
  allowed := case
    when r.actor = '' then true
    when args ? 'userId' then nunchi.person_of(k.project_id, args ->> 'userId', null)
      = case when r.by_user then r.actor else nunchi.person_of(k.project_id, null, r.actor) end
    when args ? 'anonymousId' then not r.by_user and r.actor = args ->> 'anonymousId'
    else k.kind = 'srv' end;
  return case when allowed then jsonb_build_object('type', r.type, 'items', r.items) end;
end
$$;
revoke execute on function nunchi.insight_recommendation(jsonb) from public;
grant execute on function nunchi.insight_recommendation(jsonb) to nunchi_app;

-- {} → [{ project, tokens, calls, refused }], today (UTC), of projects that asked a model. Run by the owner.
create or replace function nunchi.insight_usage_today(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('project', p.name, 'tokens', u.tokens, 'calls', u.calls,
    'refused', u.refused) order by u.tokens desc, p.name), '[]')
  from nunchi.insight_usage u join nunchi.projects p on p.id = u.project_id
  where u.day = (clock_timestamp() at time zone 'UTC')::date
$$;
revoke execute on function nunchi.insight_usage_today(jsonb) from public;

-- What actors had to do with items of a catalog, by the facts: one row per actor and item, as one would stand in
-- interactions if there were no others. Part of process(). No moment lies after the event was received: whoever dates
-- events ahead must not be the latest for ever.
create or replace function nunchi.interactions_in(facts nunchi.fact[]) returns setof nunchi.interactions
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  with catalog as materialized (
    select c.project_id, c.environment, nunchi.recommendation_settings_in(c.project_id, c.environment) as said
    from (select distinct f.project_id, f.environment from unnest(facts) f where f.counted) p
    join nunchi.recommendation_catalogs c on c.project_id = p.project_id and c.environment = p.environment
  ), meant as materialized (
    select f.project_id, f.environment, f.id, f.occurred_at, f.anonymous_id, f.user_id, f.country, f.device_class,
      m.kind, case when m.kind = 'dismiss' then 0 else round((c.said -> 'weights' ->> m.kind)::numeric, 3) end as weight
    from unnest(facts) f
    join catalog c on c.project_id = f.project_id and c.environment = f.environment
    cross join lateral (select case f.type when 'page' then 'view' when 'track' then c.said -> 'events' ->> f.name end
      as kind) m
    where f.counted and m.kind is not null and coalesce(f.anonymous_id, f.user_id) is not null
  ), touched as (
    select m.project_id, m.environment, coalesce(m.anonymous_id, m.user_id) as actor, m.anonymous_id is null as by_user,
      i.id as item, m.kind, m.weight, m.id, least(m.occurred_at, e.received_at) as at, e.network, m.country, m.device_class
    from meant m
    cross join lateral (select a.properties, a.received_at, nunchi.network_of(a.context ->> 'ip') as network
      from nunchi.analytics_events a where a.project_id = m.project_id and a.id = m.id offset 0) e
    cross join lateral unnest(nunchi.item_ids_in(e.properties)) n (item)
    cross join lateral (select i.id from nunchi.items i where i.project_id = m.project_id and i.environment = m.environment
      and i.id = n.item and i.deleted_at is null and i.type <> 'person' offset 0) i
  )
  select t.project_id, t.environment, t.actor, t.by_user, t.item, sum(t.weight),
    jsonb_strip_nulls(jsonb_build_object('view', nullif(count(*) filter (where t.kind = 'view'), 0),
      'click', nullif(count(*) filter (where t.kind = 'click'), 0), 'add', nullif(count(*) filter (where t.kind = 'add'), 0),
      'like', nullif(count(*) filter (where t.kind = 'like'), 0), 'buy', nullif(count(*) filter (where t.kind = 'buy'), 0),
      'dismiss', nullif(count(*) filter (where t.kind = 'dismiss'), 0))),
    (array_agg(t.network order by t.at desc, t.id desc))[1], (array_agg(t.country order by t.at desc, t.id desc))[1],
    (array_agg(t.device_class order by t.at desc, t.id desc))[1], (array_agg(t.id order by t.at desc, t.id desc))[1],
    min(t.at), coalesce(max(t.at) filter (where t.weight > 0), max(t.at)), max(t.at) filter (where t.kind = 'dismiss'), false, false
  from touched t
  group by 1, 2, 3, 4, 5
$$;
revoke execute on function nunchi.interactions_in(nunchi.fact[]) from public;

-- The ids of items that an event's properties name, in order, each once, 100 at most: itemId, item_id, productId,
-- product_id or sku of the properties themselves, else of each of products[] or items[], which may be ids alone too.
create or replace function nunchi.item_ids_in(properties jsonb) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(i.id order by i.n), '{}')
  from (
    select o.id, min(o.n) as n
    from (
      select n.n, case jsonb_typeof(n.node) when 'object' then (
          select n.node ->> k.name from unnest(array['itemId', 'item_id', 'productId', 'product_id', 'sku', 'id'])
            with ordinality k (name, n)
          where jsonb_typeof(n.node -> k.name) in ('string', 'number') and (k.name <> 'id' or n.n > 0) order by k.n limit 1)
        when 'string' then n.node #>> '{}' when 'number' then n.node #>> '{}' end as id
      from (
        select 0 as n, properties as node
        union all
        select e.n, e.node from (
          select l.node, l.n from jsonb_array_elements(case when jsonb_typeof(properties -> 'products') = 'array'
            then properties -> 'products' when jsonb_typeof(properties -> 'items') = 'array' then properties -> 'items'
            else '[]' end) with ordinality l (node, n) limit 100) e
      ) n
    ) o
    where length(o.id) between 1 and 200
    group by o.id order by 2 limit 100
  ) i
$$;
revoke execute on function nunchi.item_ids_in(jsonb) from public;

-- What is wrong with an item of the catalog, as { field, detail, fix }; null where nothing is. Part of put_items().
create or replace function nunchi.item_mistake(item jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('field', m.field, 'detail', m.detail, 'fix', m.fix)
  from (
    select '' as field, 'It is no JSON object.' as detail, 'Send items such as { "id", "type", "title" }.' as fix
    where coalesce(jsonb_typeof(item), 'null') <> 'object'
    union all
    select f.name, format('%s must be a text of 1 to %s characters.', f.name, f.most),
      format('Give the item a %s.', f.name)
    from (values ('id', 200), ('type', 100), ('title', 500)) f (name, most)
    where jsonb_typeof(item) = 'object' and (jsonb_typeof(item -> f.name) = 'string'
      and length(item ->> f.name) between 1 and f.most) is not true
    union all
    select f.name, format('%s must be %s.', f.name, f.what), format('Mend or leave away %s.', f.name)
    from (values ('url', 'string', 'a text'), ('image', 'string', 'a text'), ('text', 'string', 'a text'),
      ('tags', 'array', 'a list of texts'), ('attributes', 'object', 'an object'), ('available', 'boolean', 'true or false'))
      f (name, kind, what)
    where jsonb_typeof(item) = 'object' and item ? f.name and jsonb_typeof(item -> f.name) <> f.kind
    union all
    select 'tags', 'tags must be at most 100 texts of 1 to 200 characters.', 'Mend or leave away tags.'
    where jsonb_typeof(item) = 'object' and jsonb_typeof(item -> 'tags') = 'array' and (jsonb_array_length(item -> 'tags') > 100
      or exists (select from jsonb_array_elements(item -> 'tags') t
        where (jsonb_typeof(t) = 'string' and length(t #>> '{}') between 1 and 200) is not true))
    union all
    select 'attributes', 'attributes must be at most 16 kB as JSON.', 'Leave away what is not asked for.'
    where jsonb_typeof(item) = 'object' and octet_length((item -> 'attributes')::text) > 16384
  ) m limit 1
$$;
revoke execute on function nunchi.item_mistake(jsonb) from public;

-- What an item has in common with others, as texts: its type's tags, the words of its title and text, and what its
-- attributes brand and category say. At most 64: a text of a thousand words is as near to everything. Of a word, only
-- ASCII punctuation and spaces end it, whatever the database's locale says of letters.
create or replace function nunchi.item_words(item jsonb) returns text[]
language sql immutable set search_path = '' as $$
  select coalesce(array_agg(f.feature), '{}') from (
    select w.feature from (
      select 'tag:' || left(lower(t.tag), 100) as feature, 0 as rank, t.n
      from jsonb_array_elements_text(case jsonb_typeof(item -> 'tags') when 'array' then item -> 'tags' else '[]' end)
        with ordinality t (tag, n)
      union all
      select a.name || ':' || left(lower(item #>> array['attributes', a.name]), 100), 1, a.n
      from unnest(array['brand', 'category']) with ordinality a (name, n)
      where jsonb_typeof(item #> array['attributes', a.name]) = 'string'
      union all
      select 'word:' || left(s.word, 100), 2, s.n
      from regexp_split_to_table(left(lower(concat_ws(' ', item ->> 'title', item ->> 'text')), 5000),
        '[\s!-/:-@\[-`{-~]+') with ordinality s (word, n)
      where octet_length(s.word) >= 3
    ) w
    group by w.feature order by min(w.rank), min(w.n) limit 64
  ) f
$$;
revoke execute on function nunchi.item_words(jsonb) from public;

-- Notes that items of a catalog are new, different or gone: their words are written anew, their neighbors and
-- popularity wait to be, and no answer of before is given again. People are in no such list: of them no words are kept,
-- and what was computed while the id was a thing's is forgotten. Part of put_items() and remove_items().
create or replace function nunchi.items_changed(project uuid, env text, changed text[]) returns void
language plpgsql set search_path = '' as $$
declare
  person text;
begin
  for person in
    select i.id from nunchi.items i where i.project_id = project and i.environment = env and i.id = any (changed)
      and i.type = 'person'
  loop
    delete from nunchi.item_features f where f.project_id = project and f.environment = env and f.item = person;
    delete from nunchi.item_changes c where c.project_id = project and c.environment = env and c.item = person;
    perform nunchi.forget_item(project, env, person);
    changed := array_remove(changed, person);
  end loop;
  if changed = '{}' then
    return;
  end if;
  delete from nunchi.item_features f where f.project_id = project and f.environment = env and f.item = any (changed);
  insert into nunchi.item_features (project_id, environment, feature, item)
  select project, env, w.feature, i.id
  from nunchi.items i
  cross join lateral unnest(nunchi.item_words(jsonb_build_object('title', i.title, 'text', i.text, 'tags', i.tags,
    'attributes', i.attributes))) w (feature)
  where i.project_id = project and i.environment = env and i.id = any (changed) and i.deleted_at is null
  order by 3, 4;
  insert into nunchi.item_changes as c (project_id, environment, item, shard)
  select project, env, id, -1 from unnest(changed) id order by id
  on conflict (project_id, environment, item, shard) do update set since = c.since;
  insert into nunchi.recommendation_catalogs as c (project_id, environment, version) values (project, env, 1)
  on conflict (project_id, environment) do update set version = c.version + 1, changed_at = clock_timestamp();
end
$$;
revoke execute on function nunchi.items_changed(uuid, text, text[]) from public;

-- A page of a catalog, by id: { items: [Item], next }; `next` is the next page's `after`, or null. Part of
-- list_items() and list_items_of().
create or replace function nunchi.items_page(project uuid, env text, args jsonb) returns jsonb
language sql stable set search_path = '' as $$
  with page as (
    select i.* from nunchi.items i
    where i.project_id = project and i.environment = env and i.deleted_at is null
      and (args ->> 'type' is null or i.type = args ->> 'type') and (args ->> 'after' is null or i.id > args ->> 'after')
    order by i.id limit least(greatest(coalesce((args ->> 'limit')::integer, 100), 1), 1000)
  )
  select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', p.id, 'type', p.type,
      'title', p.title, 'url', p.url, 'image', p.image, 'text', p.text)) || jsonb_build_object('tags', p.tags,
      'attributes', p.attributes, 'available', p.available) order by p.id), '[]'),
    'next', case when count(*) = least(greatest(coalesce((args ->> 'limit')::integer, 100), 1), 1000) then max(p.id) end)
  from page p
$$;
revoke execute on function nunchi.items_page(uuid, text, jsonb) from public;

-- A number of JSON as JavaScript reads it; null where that would be no finite number, or a denormal one.
create or replace function nunchi.json_number(value jsonb) returns float8
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  number numeric;
begin
  if jsonb_typeof(value) <> 'number' then return null; end if;
  number := (value #>> '{}')::numeric;
  if abs(number) > 1e300 or (number <> 0 and abs(number) < 1e-300) then return null; end if;
  return number::float8;
end
$$;
revoke execute on function nunchi.json_number(jsonb) from public;

-- Keeps an answer for a while, and takes away up to five that have expired, so that no more are there than are asked for
-- within that while. Part of recommend().
create or replace function nunchi.keep_answer(project uuid, env text, question text, keeper text, as_user boolean,
  given jsonb, seconds integer) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
begin
  delete from nunchi.recommendation_cache c where c.ctid = any (array(
    select k.ctid from nunchi.recommendation_cache k where k.expires_at < clock_timestamp()
    order by k.expires_at limit 5 for update skip locked));
  insert into nunchi.recommendation_cache as c (project_id, environment, cache_key, actor, by_user, answer, expires_at)
  values (project, env, question, keeper, as_user, given, clock_timestamp() + make_interval(secs => seconds))
  on conflict (project_id, environment, actor, by_user, cache_key) do update
  set answer = excluded.answer, expires_at = excluded.expires_at;
end
$$;
revoke execute on function nunchi.keep_answer(uuid, text, text, text, boolean, jsonb, integer) from public;

-- Keeps, for an hour, what an insight about each of these lists needs, and takes away up to twenty that are older. Part of
-- recommend(), where insights are on.
create or replace function nunchi.keep_explained(project uuid, env text, keeper text, as_user boolean, lists jsonb)
returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
begin
  delete from nunchi.insight_recommendations r where r.ctid = any (array(
    select d.ctid from nunchi.insight_recommendations d where d.expires_at < clock_timestamp()
    order by d.expires_at limit 20 for update skip locked));
  insert into nunchi.insight_recommendations (project_id, environment, recommendation_id, actor, by_user, type, items,
    expires_at)
  select project, env, l.value ->> 'recommendationId', keeper, as_user, l.key,
    (select jsonb_agg(jsonb_build_object('title', i -> 'title', 'tags', i -> 'tags', 'reason', i -> 'reason'))
      from jsonb_array_elements(l.value -> 'items') i), clock_timestamp() + interval '1 hour'
  from jsonb_each(lists) l
  where l.value -> 'items' <> '[]'
  on conflict do nothing;
end
$$;
revoke execute on function nunchi.keep_explained(uuid, text, text, boolean, jsonb) from public;

-- { projectId, id, actor? } → { lifted }: lets an erased id return; what was erased does not come back. Other ids
-- of the same person stay refused: nobody knows any more which they were.
create or replace function nunchi.lift_erasure(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  subject constant text := nunchi.id_hash(project, args ->> 'id');
begin
  if exists (select from nunchi.erasure_runs r where r.project_id = project and args ->> 'id' = any (r.ids)) then
    raise object_in_use using message = 'This id is being erased; run nunchi erase again until it is done, then lift it.';
  end if;
  delete from nunchi.erasures e where e.project_id = project and e.id_hash = subject;
  if not found then
    return jsonb_build_object('lifted', false);
  end if;
  perform nunchi.audit(project, args ->> 'actor', 'person.lift', subject, '{"refused": true}', '{"refused": false}');
  return jsonb_build_object('lifted', true);
end
$$;
revoke execute on function nunchi.lift_erasure(jsonb) from public;

-- { limit? = 100 } → [{ id, events: [{ projectId, id, name, type }], retries, error, createdAt }]: what processing gave
-- up, oldest first, with its reason. A dead row has one event, whose name is null where it is gone.
create or replace function nunchi.list_dead(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', d.id::text, 'retries', d.retry_count, 'error', d.error,
      'createdAt', floor(extract(epoch from d.created_at) * 1000)::bigint,
      'events', (select jsonb_agg(jsonb_build_object('projectId', u.project_id, 'id', u.id, 'name', e.name,
          'type', e.type)) from unnest(d.project_ids, d.event_ids) u (project_id, id)
        left join nunchi.analytics_events e on e.project_id = u.project_id and e.id = u.id)) order by d.id), '[]')
  from (select * from nunchi.event_processing_queue q where q.processing_status = 'dead' order by q.id
    limit least(greatest(coalesce((args ->> 'limit')::integer, 100), 0), 10000)) d
$$;
revoke execute on function nunchi.list_dead(jsonb) from public;

-- { keyHash, type?, after?, limit? = 100 } → { items: [Item], next }, or { error }: a page of the catalog by id; the key
-- needs the scope items:read or items:write.
create or replace function nunchi.list_items(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['items:read', 'items:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.items_page((key ->> 'projectId')::uuid, key ->> 'environment', args);
end
$$;
revoke execute on function nunchi.list_items(jsonb) from public;
grant execute on function nunchi.list_items(jsonb) to nunchi_app;

-- { projectId, environment, type?, after?, limit? } → as list_items(). Run by the owner.
create or replace function nunchi.list_items_of(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  select nunchi.items_page((args ->> 'projectId')::uuid, args ->> 'environment', args)
$$;
revoke execute on function nunchi.list_items_of(jsonb) from public;

-- { projectId? } → [{ keyId, projectId, projectName, environment, kind, hint, plain, scopes, origins,
-- rateLimit, internal, createdAt, revokedAt }], oldest first; `plain` is null for server keys.
create or replace function nunchi.list_keys(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('keyId', k.id::text, 'projectId', p.id, 'projectName', p.name,
      'environment', k.environment, 'kind', k.kind, 'hint', k.hint, 'plain', k.plain, 'scopes', k.scopes,
      'origins', k.origins, 'rateLimit', k.rate_limit, 'internal', k.internal,
      'createdAt', floor(extract(epoch from k.created_at) * 1000)::bigint,
      'revokedAt', floor(extract(epoch from k.revoked_at) * 1000)::bigint) order by k.id), '[]')
  from nunchi.api_keys k join nunchi.projects p on p.id = k.project_id
  where args ->> 'projectId' is null or k.project_id = (args ->> 'projectId')::uuid
$$;
revoke execute on function nunchi.list_keys(jsonb) from public;

-- { projectId } → [{ key, definition }], by key. Run by the owner.
create or replace function nunchi.list_metrics(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('key', m.key, 'definition', m.definition) order by m.key collate "C"), '[]')
  from nunchi.metrics m where m.project_id = (args ->> 'projectId')::uuid
$$;
revoke execute on function nunchi.list_metrics(jsonb) from public;

-- { keyHash } → as list_metrics(), or { error: 'key_unknown' | 'key_not_allowed' }: the project is the key's, which needs
-- the scope config:read or config:write.
create or replace function nunchi.list_metrics_by_key(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:read', 'config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.list_metrics(key);
end
$$;
revoke execute on function nunchi.list_metrics_by_key(jsonb) from public;
grant execute on function nunchi.list_metrics_by_key(jsonb) to nunchi_app;

-- {} → [{ projectId, name, timezone, retentionDays, keys, createdAt }], oldest first; `keys` counts those not revoked.
create or replace function nunchi.list_projects(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', p.id, 'name', p.name, 'timezone', p.timezone, 'retentionDays', p.retention_days,
      'keys', (select count(*) from nunchi.api_keys k where k.project_id = p.id and k.revoked_at is null),
      'createdAt', floor(extract(epoch from p.created_at) * 1000)::bigint) order by p.created_at, p.name), '[]')
  from nunchi.projects p
$$;
revoke execute on function nunchi.list_projects(jsonb) from public;

-- { projectId, environment } → as ramp_told() tells each, without its looks: the newest ramp of every flag and experiment
-- that had one, the newest first. Run by the owner.
create or replace function nunchi.list_ramps(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(nunchi.ramp_told(n.id) - 'looks' order by n.started_at desc), '[]')
  from (
    select distinct on (r.kind, r.key) r.id, r.started_at from nunchi.ramps r
    where r.project_id = (args ->> 'projectId')::uuid and r.environment = args ->> 'environment'
    order by r.kind, r.key, r.started_at desc) n
$$;
revoke execute on function nunchi.list_ramps(jsonb) from public;

-- {} → [{ role, projectId, projectName, grantedAt, exists, member, superuser, bypassRls }], by role and
-- project: who reads what in SQL, and whether the login stands as it should.
create or replace function nunchi.list_readers(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('role', g.role_name, 'projectId', p.id, 'projectName', p.name,
      'grantedAt', floor(extract(epoch from g.granted_at) * 1000)::bigint, 'exists', r.oid is not null,
      'member', coalesce(pg_has_role(r.oid, 'nunchi_reader', 'member'), false),
      'superuser', coalesce(r.rolsuper, false), 'bypassRls', coalesce(r.rolbypassrls, false))
    order by g.role_name, p.name), '[]')
  from nunchi.reader_grants g
  join nunchi.projects p on p.id = g.project_id
  left join pg_catalog.pg_roles r on r.rolname = g.role_name
$$;
revoke execute on function nunchi.list_readers(jsonb) from public;

-- { projectId, environment? } → [{ name, kind, issuer, audience, algorithm, subjectClaim, key?, url?, environment,
-- createdAt, retiresAt? }], without secrets. Run by the owner.
create or replace function nunchi.list_token_verifiers(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(nunchi.token_verifier_shown(to_jsonb(t)) order by t.environment, t.name collate "C"), '[]')
  from nunchi.token_verifiers t
  where t.project_id = (args ->> 'projectId')::uuid
    and (args ->> 'environment' is null or t.environment = args ->> 'environment')
$$;
revoke execute on function nunchi.list_token_verifiers(jsonb) from public;

-- { months: ["2024-03", …] } → { created: [name], moved }: makes the partitions of past months that an import is
-- about to write into; at most 20 years back. Months that stand already are left alone.
create or replace function nunchi.make_months(args jsonb) returns jsonb
language plpgsql set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  month timestamptz;
  created text[] := '{}';
  moved bigint := 0;
begin
  for month in select distinct to_date(m, 'YYYY-MM')::timestamptz from jsonb_array_elements_text(args -> 'months') m order by 1 loop
    if month < now() - interval '241 months' or month > now() then
      raise invalid_parameter_value using message = format('%s is not one of the last 240 months.', to_char(month, 'YYYY-MM'));
    end if;
    for attempt in 1..5 loop
      begin
        if to_regclass(nunchi.partition_name(month)) is null then
          moved := moved + nunchi.make_partition(month);
          created := created || nunchi.partition_name(month);
        end if;
        exit;
      exception when lock_not_available then
        if attempt = 5 then
          raise;
        end if;
        perform pg_sleep(0.2 * attempt * (0.5 + random()));
      end;
    end loop;
  end loop;
  return jsonb_build_object('created', created, 'moved', moved);
end
$$;
revoke execute on function nunchi.make_months(jsonb) from public;

-- Makes one month's partition and moves into it what waits in the default partition; answers how many rows.
-- Part of make_partitions(). Attaching (not creating in place) leaves ingest free to write other months.
create or replace function nunchi.make_partition(month timestamptz) returns bigint
language plpgsql security definer set search_path = '' set timezone = 'UTC' as $$
declare
  name constant text := nunchi.partition_name(month);
  low constant uuid := nunchi.uuid_floor(month);
  high constant uuid := nunchi.uuid_floor(month + interval '1 month');
  moved bigint;
begin
  perform set_config('lock_timeout', '2s', true);
  -- One maker at a time; and nobody adds a row of this month to the default partition while we move them.
  perform pg_advisory_xact_lock(hashtext('nunchi.make_partition'));
  lock table nunchi.analytics_events_default in access exclusive mode;
  -- Asked only now: taking the table's lock is what makes this session see what the maker before us made.
  if to_regclass(name) is not null then
    return 0;
  end if;
  execute format('create table %s (like nunchi.analytics_events including all)', name);
  execute format('alter table %s enable row level security, force row level security', name);
  -- Forced without a policy not even the owner would see a row, and the move would move none.
  execute format('create policy owner on %s to nunchi_owner using (true) with check (true)', name);
  execute format('with moved as (delete from nunchi.analytics_events_default d where d.id >= %L and d.id < %L
    returning *) insert into %s select * from moved', low, high, name);
  get diagnostics moved = row_count;
  execute format('alter table nunchi.analytics_events attach partition %s for values from (%L) to (%L)',
    name, low, high);
  return moved;
end
$$;
revoke execute on function nunchi.make_partition(timestamptz) from public;

-- { months? } → { created: [name], moved }: makes the months of analytics_events that are missing, from the
-- oldest that an event may still belong to until `months` (default 3, at most 24) ahead. Rows of a new month that wait
-- in the default partition move in the same transaction. Where a lock is not to be had in two seconds it
-- lets go, waits and tries again, five times.
create or replace function nunchi.make_partitions(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  month timestamptz := date_trunc('month', now() - interval '32 days', 'UTC');
  last constant timestamptz := date_trunc('month', now(), 'UTC')
    + make_interval(months => least(coalesce((args ->> 'months')::integer, 3), 24));
  created text[] := '{}';
  moved bigint := 0;
begin
  while month <= last loop
    if to_regclass(nunchi.partition_name(month)) is null then
      for attempt in 1..5 loop
        begin
          moved := moved + nunchi.make_partition(month);
          created := created || nunchi.partition_name(month);
          exit;
        exception when lock_not_available then
          if attempt = 5 then
            raise;
          end if;
          perform pg_sleep(0.2 * attempt * (0.5 + random()));
        end;
      end loop;
    end if;
    month := month + interval '1 month';
  end loop;
  return jsonb_build_object('created', created, 'moved', moved);
end
$$;
revoke execute on function nunchi.make_partitions(jsonb) from public;
grant execute on function nunchi.make_partitions(jsonb) to nunchi_app;

-- Notes who of an item's latest 2,000 visitors came in a crowd: those of the network that most of them are of, where these
-- are more than six times as many as a network may count for, and more than one in twenty; and those of the networks that
-- find_crowds() found. Whoever did is not heard: all
-- the items that they had to do with are computed anew, now and when the crowd is none any more. Part of
-- refresh_item(). Rows that are just being written wait for the next time, which their change brings about.
create or replace function nunchi.mark_crowd(project uuid, env text, subject text, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  crowd constant double precision := (said ->> 'networkCap')::double precision;
begin
  with latest as materialized (
    select i.actor, i.by_user, i.network, i.crowded from nunchi.interactions i
    where i.project_id = project and i.environment = env and i.item = subject
    order by i.last_at desc, i.actor, i.by_user limit 2000
  ), largest as (
    select n.network from (
      select l.network, count(*) as k, rank() over (order by count(*) desc) as place from latest l
      where l.network is not null group by l.network) n
    where n.place = 1 and n.k > 6 * crowd and n.k * 20 > (select count(*) from latest)
    union
    select unnest(c.crowds) from nunchi.recommendation_catalogs c where c.project_id = project and c.environment = env
  ), wrong as materialized (
    select l.actor, l.by_user from latest l
    where l.crowded <> exists (select from largest g where g.network = l.network)
  ), mended as (
    update nunchi.interactions i set crowded = not i.crowded
    where i.ctid = any (array(
      select x.ctid from wrong w join nunchi.interactions x on x.project_id = project and x.environment = env
        and x.actor = w.actor and x.by_user = w.by_user and x.item = subject
      for update of x skip locked))
    returning i.actor, i.by_user
  )
  insert into nunchi.item_changes as c (project_id, environment, item, shard)
  select distinct project, env, h.item, 0
  from mended m
  cross join lateral (
    select i.item from nunchi.interactions i
    where i.project_id = project and i.environment = env and i.actor = m.actor and i.by_user = m.by_user
    order by i.last_at desc, i.item desc limit 100) h
  where h.item <> subject
  order by 3
  on conflict (project_id, environment, item, shard) do nothing;
end
$$;
revoke execute on function nunchi.mark_crowd(uuid, text, text, jsonb) from public;

-- { keyHash, userId, list? = 'suggestions' | 'mutual', limit? = 10, after? } → { generated_at, list, matches: [{ id, title,
-- url?, image?, tags, attributes, score, reasons: { you, them }, mutual }], next, reason? }, or { error: 'key_unknown' |
-- 'key_not_allowed' }. `userId` is one that the caller has verified. `reason` says why there are none: no_consent,
-- no_profile, nobody. A server key needs the scope matches:read.
create or replace function nunchi.match(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key record;
  person constant text := args ->> 'userId';
  list constant text := coalesce(args ->> 'list', 'suggestions');
  most constant integer := least(greatest(coalesce((args ->> 'limit')::integer, 10), 1), 50);
  cursor constant text[] := regexp_match(args ->> 'after', '^([0-9.e+-]{1,20})\|(.*)$', 's');
  found_rows jsonb;
  next text;
begin
  select * into key from nunchi.match_key(args ->> 'keyHash', 'matches:read');
  if key.project_id is null or key.refused then
    return jsonb_build_object('error', case when key.refused then 'key_not_allowed' else 'key_unknown' end);
  end if;
  if exists (select from nunchi.match_consents c where c.project_id = key.project_id and c.environment = key.environment
    and c.user_id = person and c.given)
  then
    select coalesce(jsonb_agg(nunchi.match_profile(p.other) || jsonb_build_object('score', p.score, 'reasons', p.reasons,
        'mutual', list = 'mutual') order by p.score desc, (p.other).id desc) filter (where p.n <= most), '[]'),
      case when count(*) > most then max(p.score::text || '|' || (p.other).id) filter (where p.n = most) end
    into found_rows, next
    from (select q.*, row_number() over (order by q.score desc, (q.other).id desc) as n
      from nunchi.match_pairs(key.project_id, key.environment, person, list, cursor[1]::real, cursor[2], most + 1) q) p
    having count(*) > 0;
  end if;
  return jsonb_build_object('generated_at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'list', list, 'matches', coalesce(found_rows, '[]'), 'next', next)
    || case when found_rows is not null then '{}' else jsonb_build_object('reason', case
      when not exists (select from nunchi.match_consents c where c.project_id = key.project_id
        and c.environment = key.environment and c.user_id = person and c.given) then 'no_consent'
      when not exists (select from nunchi.items i where i.project_id = key.project_id and i.environment = key.environment
        and i.id = person and i.type = 'person' and i.deleted_at is null and i.available) then 'no_profile'
      else 'nobody' end) end;
end
$$;
revoke execute on function nunchi.match(jsonb) from public;
grant execute on function nunchi.match(jsonb) to nunchi_app;

-- How much two profiles have in common, for people whom the job has not compared yet: the share of common tags and equal
-- attributes among all of both (Jaccard's index), halved, with the reasons. Of lists each text counts. Part of match().
create or replace function nunchi.match_alike(one nunchi.items, other nunchi.items, out score real, out reasons jsonb)
language sql stable set search_path = '' as $$
  with told as (
    select 1 as side, one.tags, nunchi.match_profile(one) -> 'attributes' as attributes
    union all
    select 2, other.tags, nunchi.match_profile(other) -> 'attributes'
  ), features as (
    select 'tags' as about, t as value, p.side, true as says from told p cross join lateral unnest(p.tags) t
    union all
    -- That both have the same truth is little to talk about.
    select a.key, v.value #>> '{}', p.side, jsonb_typeof(v.value) <> 'boolean'
    from told p
    cross join lateral jsonb_each(p.attributes) a
    cross join lateral (select l.value from jsonb_array_elements(case jsonb_typeof(a.value) when 'array' then a.value
      else jsonb_build_array(a.value) end) l limit 50) v
    where jsonb_typeof(v.value) = 'string' or jsonb_typeof(a.value) in ('boolean', 'number')
  ), merged as (
    select f.about, f.value, bool_and(f.says) as says, count(distinct f.side) = 2 as common
    from features f group by f.about, f.value
  ), shared as (
    select m.about, jsonb_agg(m.value order by m.value) as values, count(*) as n
    from merged m where m.common and m.says group by m.about order by n desc, m.about limit 5
  )
  select coalesce((select (count(*) filter (where m.common))::real / nullif(count(*), 0) from merged m), 0) / 2,
    (select jsonb_build_object('you', r.list, 'them', r.list) from (select coalesce(jsonb_agg(jsonb_build_object(
      'code', 'shared', 'about', s.about, 'shared', s.values) order by s.n desc, s.about), '[]') as list from shared s) r)
$$;
revoke execute on function nunchi.match_alike(nunchi.items, nunchi.items) from public;

-- { keyHash, userId, id } → { reasons: { you, them }, one: { tags, attributes }, other: { tags, attributes } } of two people
-- who are shown to each other, without names and without what they keep to themselves; null where they are not, or {
-- error }. What an insight about a match is written from.
create or replace function nunchi.match_between(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key record;
  person constant text := args ->> 'userId';
begin
  select * into key from nunchi.match_key(args ->> 'keyHash', 'insights:read');
  if key.project_id is null or key.refused then
    return jsonb_build_object('error', case when key.refused then 'key_not_allowed' else 'key_unknown' end);
  end if;
  return (
    select jsonb_build_object('reasons', p.reasons,
      'one', (select jsonb_build_object('tags', me.tags, 'attributes', nunchi.match_profile(me) -> 'attributes')
        from nunchi.items me where me.project_id = key.project_id and me.environment = key.environment and me.id = person),
      'other', jsonb_build_object('tags', (p.other).tags, 'attributes', nunchi.match_profile(p.other) -> 'attributes'))
    from (
      select q.other, q.reasons from unnest(array['suggestions', 'mutual']) l (list)
      cross join lateral nunchi.match_pairs(key.project_id, key.environment, person, l.list, null, null, 1, args ->> 'id') q
    ) p
    limit 1);
end
$$;
revoke execute on function nunchi.match_between(jsonb) from public;
grant execute on function nunchi.match_between(jsonb) to nunchi_app;

-- Whether each of two people is what the other looks for: `wants`, a condition about attributes and tags as flags have
-- them, of those that SQL decides exactly. One that it cannot decide, or that is no condition, fits nobody. Part of match().
create or replace function nunchi.match_fits(one nunchi.items, other nunchi.items) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  if one.attributes -> 'wants' is null and other.attributes -> 'wants' is null then
    return true;
  end if;
  return (one.attributes -> 'wants' is null or nunchi.matches_condition(one.attributes -> 'wants',
      (other.attributes - 'wants') || jsonb_build_object('id', other.id, 'tags', to_jsonb(other.tags))) is true)
    and (other.attributes -> 'wants' is null or nunchi.matches_condition(other.attributes -> 'wants',
      (one.attributes - 'wants') || jsonb_build_object('id', one.id, 'tags', to_jsonb(one.tags))) is true);
exception
  -- One person's broken profile must not keep all others from their lists.
  when data_exception then return false;
end
$$;
revoke execute on function nunchi.match_fits(nunchi.items, nunchi.items) from public;

-- {} → [{ projectId, environment, people, changedAt, generation, tookMs, restedMs }]: where people are to be matched;
-- `changedAt` is when anything that matters changed last, `generation` when the last run began to read, both in ms; then how
-- long that run took, and how long ago it ended. Run by the job.
create or replace function nunchi.match_grounds(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', g.project_id, 'environment', g.environment, 'people', g.people,
    'changedAt', floor(extract(epoch from greatest(g.at,
      (select max(d.at) from nunchi.match_decisions d where d.project_id = g.project_id and d.environment = g.environment),
      (select max(i.updated_at) from nunchi.items i where i.project_id = g.project_id and i.environment = g.environment
        and i.type = 'person'))) * 1000)::bigint,
    'generation', r.generation, 'tookMs', r.detail -> 'tookMs',
    'restedMs', floor(extract(epoch from clock_timestamp() - r.finished_at) * 1000)) order by g.project_id, g.environment), '[]')
  from (select c.project_id, c.environment, count(*) filter (where c.given) as people, max(c.at) as at
    from nunchi.match_consents c group by 1, 2) g
  left join nunchi.match_runs r on r.project_id = g.project_id and r.environment = g.environment
$$;
revoke execute on function nunchi.match_grounds(jsonb) from public;
grant execute on function nunchi.match_grounds(jsonb) to nunchi_app;

-- Whose people a key may ask for: its row, or nothing where it is unknown. `refused` where it is a server's without the
-- scope. A public key speaks for the person whom the visitor's token names; the caller has verified it.
create or replace function nunchi.match_key(key_hash text, scope text)
returns table (project_id uuid, environment text, refused boolean)
language sql stable set search_path = '' as $$
  select k.project_id, k.environment, k.kind = 'srv' and k.scopes <> '{}' and not k.scopes && array[scope]
  from nunchi.api_keys k where k.hash = key_hash and k.revoked_at is null
$$;
revoke execute on function nunchi.match_key(text, text) from public;

-- { projectId, environment, after? = [user, other], limit? = 5000 } → { rows: [[user, other, yes]], next }: what people
-- decided about each other, a page. Run by the job.
create or replace function nunchi.match_opinions(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  with page as (
    select d.user_id, d.other_id, d.yes, row_number() over (order by d.user_id, d.other_id) as n
    from nunchi.match_decisions d
    where d.project_id = (args ->> 'projectId')::uuid and d.environment = args ->> 'environment'
      and (args -> 'after' is null or (d.user_id, d.other_id) > (args -> 'after' ->> 0, args -> 'after' ->> 1))
    order by d.user_id, d.other_id limit least(coalesce((args ->> 'limit')::integer, 5000), 20000)
  )
  select jsonb_build_object('rows', coalesce(jsonb_agg(jsonb_build_array(p.user_id, p.other_id, p.yes) order by p.n), '[]'),
    'next', case when count(*) = least(coalesce((args ->> 'limit')::integer, 5000), 20000)
      then (array_agg(jsonb_build_array(p.user_id, p.other_id) order by p.n desc))[1] end) from page p
$$;
revoke execute on function nunchi.match_opinions(jsonb) from public;
grant execute on function nunchi.match_opinions(jsonb) to nunchi_app;

-- Who may be shown to a person now, best first: both take part, have a profile that stands, are what the other looks for,
-- have not blocked each other, and neither has decided against the other; of `suggestions` the person has not decided at
-- all, of `mutual` both have said yes. Those whom the job has not compared with the person yet (newcomers, 300 of the
-- latest) are judged by their profiles; and so are the reasons of a pair of whom one's profile changed since. `past` and
-- `past_id` are where the page before ended; `only` asks about one other alone. Part of match().
create or replace function nunchi.match_pairs(project uuid, env text, person text, list text, past real, past_id text,
  most integer, only_id text default null)
returns table (other nunchi.items, score real, reasons jsonb)
language plpgsql stable set search_path = '' set enable_seqscan = off as $$
#variable_conflict use_column
declare
  me nunchi.items;
begin
  select i.* into me from nunchi.items i where i.project_id = project and i.environment = env and i.id = person
    and i.type = 'person' and i.deleted_at is null and i.available;
  if me.id is null or not exists (select from nunchi.match_consents c where c.project_id = project and c.environment = env
    and c.user_id = person and c.given)
  then
    return;
  end if;
  return query
  with known as (
    select c.other_id, c.score, c.reasons, c.generation from nunchi.match_candidates c
    where c.project_id = project and c.environment = env and c.user_id = person
  ), latest as (
    select c.user_id from nunchi.match_consents c
    where c.project_id = project and c.environment = env and c.given and c.user_id <> person and list = 'suggestions'
    order by c.at desc, c.user_id limit 300
  ), chosen as (
    select d.other_id from nunchi.match_decisions d
    where d.project_id = project and d.environment = env and d.user_id = person and d.yes and list = 'mutual'
  ), pool as (
    select k.other_id, k.score, k.reasons, k.generation from known k where list = 'suggestions'
    union all
    select n.id, null, null, null from (select l.user_id as id from latest l union select c.other_id from chosen c) n
    where list = 'mutual' or n.id not in (select k.other_id from known k)
  ), standing as (
    select i as other, p.score, case when p.generation >= floor(extract(epoch from greatest(me.updated_at, i.updated_at)) * 1000)
      then p.reasons end as reasons
    from pool p
    join nunchi.items i on i.project_id = project and i.environment = env and i.id = p.other_id and i.type = 'person'
      and i.deleted_at is null and i.available
    join nunchi.match_consents c on c.project_id = project and c.environment = env and c.user_id = p.other_id and c.given
    left join nunchi.match_decisions said on said.project_id = project and said.environment = env
      and said.user_id = p.other_id and said.other_id = person
    where (only_id is null or p.other_id = only_id)
      and (list = 'mutual' and said.yes is true or list = 'suggestions' and said.yes is not false and not exists (
        select from nunchi.match_decisions d where d.project_id = project and d.environment = env
          and d.user_id = person and d.other_id = p.other_id))
      and not exists (select from nunchi.match_blocks b where b.project_id = project and b.environment = env
        and (b.user_id = person and b.blocked_id = p.other_id or b.user_id = p.other_id and b.blocked_id = person))
  ), judged as (
    select s.other, coalesce(s.score, a.score) as score, coalesce(s.reasons, a.reasons) as reasons
    from standing s
    left join lateral nunchi.match_alike(me, s.other) a on s.reasons is null
    where list = 'mutual' or nunchi.match_fits(me, s.other)
  )
  select j.other, j.score, j.reasons from judged j
  where past is null or (j.score, (j.other).id) < (past, past_id)
  order by j.score desc, (j.other).id desc
  limit most;
end
$$;
revoke execute on function nunchi.match_pairs(uuid, text, text, text, real, text, integer, text) from public;

-- { projectId, environment, after?, limit? = 1000 } → { rows: [{ id, tags, attributes }], next }: who takes part and has a
-- profile that stands, a page by id. Run by the job.
create or replace function nunchi.match_people(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  with page as (
    select i.id, i.tags, i.attributes from nunchi.match_consents c
    join nunchi.items i on i.project_id = c.project_id and i.environment = c.environment and i.id = c.user_id
      and i.type = 'person' and i.deleted_at is null and i.available
    where c.project_id = (args ->> 'projectId')::uuid and c.environment = args ->> 'environment' and c.given
      and (args ->> 'after' is null or c.user_id > args ->> 'after')
    order by c.user_id limit least(coalesce((args ->> 'limit')::integer, 1000), 5000)
  )
  select jsonb_build_object('rows', coalesce(jsonb_agg(to_jsonb(p) order by p.id), '[]'), 'next',
    case when count(*) = least(coalesce((args ->> 'limit')::integer, 1000), 5000) then max(p.id) end) from page p
$$;
revoke execute on function nunchi.match_people(jsonb) from public;
grant execute on function nunchi.match_people(jsonb) to nunchi_app;

-- What others are shown of a person: never what they look for (`wants`), nor the attributes that they keep to themselves
-- (`private`, a list of names, or one name) and that matching alone reads. Where `private` is anything else, nobody can tell
-- what was meant: no attribute is shown. Part of match().
create or replace function nunchi.match_profile(person nunchi.items) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_strip_nulls(jsonb_build_object('id', person.id, 'title', person.title, 'url', person.url, 'image', person.image))
    || jsonb_build_object('tags', person.tags, 'attributes', case coalesce(jsonb_typeof(person.attributes -> 'private'), 'array')
      when 'array' then (person.attributes - array['wants', 'private'])
        - coalesce(array(select jsonb_array_elements_text(coalesce(person.attributes -> 'private', '[]'))), '{}')
      when 'string' then (person.attributes - array['wants', 'private']) - (person.attributes ->> 'private')
      else '{}' end)
$$;
revoke execute on function nunchi.match_profile(nunchi.items) from public;

-- Whether another may be shown to a person, wherever in their list: both take part and have a profile that stands, each is
-- what the other looks for, neither has blocked the other, and the other has not said no. Part of match_tell().
create or replace function nunchi.match_stands(project uuid, env text, person text, subject text) returns boolean
language sql stable set search_path = '' set enable_seqscan = off as $$
  select exists (
    select from nunchi.items me
    join nunchi.items other on other.project_id = project and other.environment = env and other.id = subject
      and other.type = 'person' and other.deleted_at is null and other.available
    where me.project_id = project and me.environment = env and me.id = person and me.type = 'person'
      and me.deleted_at is null and me.available
      and 2 = (select count(*) from nunchi.match_consents c where c.project_id = project and c.environment = env
        and c.user_id in (person, subject) and c.given)
      and not exists (select from nunchi.match_blocks b where b.project_id = project and b.environment = env
        and (b.user_id = person and b.blocked_id = subject or b.user_id = subject and b.blocked_id = person))
      and not exists (select from nunchi.match_decisions d where d.project_id = project and d.environment = env
        and d.user_id = subject and d.other_id = person and not d.yes)
      and nunchi.match_fits(me, other))
$$;
revoke execute on function nunchi.match_stands(uuid, text, text, text) from public;

-- { keyHash, userId, consent? | block? | unblock? | decide? = { id, yes } } → { consent, blocked: [ids], mutual? }, or {
-- error: 'key_unknown' | 'key_not_allowed' | 'match_not_found' | 'match_blocks_full' }: what a person says, whom the caller
-- has verified; with nothing to say it tells how things stand. Blocking takes back what was decided. Deciding is about
-- somebody who may be shown to the person, or about whom they decided before: so nobody learns by it who takes part but is
-- not for them, nor that a decision of theirs was answered by a no or a block. A server key needs matches:write.
create or replace function nunchi.match_tell(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key record;
  person constant text := args ->> 'userId';
  other constant text := coalesce(args ->> 'block', args ->> 'unblock', args -> 'decide' ->> 'id');
  saying constant boolean := args ?| array['consent', 'block', 'unblock', 'decide'];
  result jsonb := '{}';
begin
  select * into key from nunchi.match_key(args ->> 'keyHash', case when saying then 'matches:write' else 'matches:read' end);
  if key.project_id is null or key.refused then
    return jsonb_build_object('error', case when key.refused then 'key_not_allowed' else 'key_unknown' end);
  end if;
  if args ? 'consent' then
    insert into nunchi.match_consents as c (project_id, environment, user_id, given, at)
    values (key.project_id, key.environment, person, (args -> 'consent')::boolean, clock_timestamp())
    on conflict (project_id, environment, user_id) do update set given = excluded.given, at = excluded.at
    where c.given <> excluded.given;
    -- Who does not take part leaves no trace in others' lists.
    if not (args -> 'consent')::boolean then
      delete from nunchi.match_candidates c where c.project_id = key.project_id and c.environment = key.environment
        and (c.user_id = person or c.other_id = person);
    end if;
  elsif args ? 'block' and other <> person then
    if (select count(*) from nunchi.match_blocks b where b.project_id = key.project_id and b.environment = key.environment
      and b.user_id = person and b.blocked_id <> other) >= 10000
    then
      return jsonb_build_object('error', 'match_blocks_full');
    end if;
    insert into nunchi.match_blocks (project_id, environment, user_id, blocked_id, at)
    values (key.project_id, key.environment, person, other, clock_timestamp())
    on conflict do nothing;
    delete from nunchi.match_decisions d where d.project_id = key.project_id and d.environment = key.environment
      and d.user_id = person and d.other_id = other;
  elsif args ? 'unblock' then
    delete from nunchi.match_blocks b where b.project_id = key.project_id and b.environment = key.environment
      and b.user_id = person and b.blocked_id = other;
  elsif args ? 'decide' then
    if other is null or other = person or not exists (
        select from nunchi.match_consents c where c.project_id = key.project_id and c.environment = key.environment
          and c.user_id = person and c.given)
      or not nunchi.match_stands(key.project_id, key.environment, person, other)
      and not exists (select from nunchi.match_decisions d where d.project_id = key.project_id
        and d.environment = key.environment and d.user_id = person and d.other_id = other)
    then
      return jsonb_build_object('error', 'match_not_found');
    end if;
    insert into nunchi.match_decisions as d (project_id, environment, user_id, other_id, yes, at)
    values (key.project_id, key.environment, person, other, (args -> 'decide' -> 'yes')::boolean, clock_timestamp())
    on conflict (project_id, environment, user_id, other_id) do update set yes = excluded.yes, at = excluded.at
    where d.yes <> excluded.yes;
    result := jsonb_build_object('mutual', exists (
      select from nunchi.match_pairs(key.project_id, key.environment, person, 'mutual', null, null, 1, other)));
  end if;
  return result || jsonb_build_object(
    'consent', exists (select from nunchi.match_consents c where c.project_id = key.project_id
      and c.environment = key.environment and c.user_id = person and c.given),
    'blocked', (select coalesce(jsonb_agg(b.blocked_id order by b.at desc, b.blocked_id), '[]') from (
      select b.blocked_id, b.at from nunchi.match_blocks b where b.project_id = key.project_id
        and b.environment = key.environment and b.user_id = person order by b.at desc, b.blocked_id limit 1000) b));
end
$$;
revoke execute on function nunchi.match_tell(jsonb) from public;
grant execute on function nunchi.match_tell(jsonb) to nunchi_app;

-- Whether attributes meet a condition, as far as SQL decides exactly as JavaScript does; null where it may not.
create or replace function nunchi.matches_condition(condition jsonb, attributes jsonb) returns boolean
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  key text;
  operand jsonb;
  one boolean;
  yes int;
  unknown int;
  result boolean := true;
begin
  -- Nothing stops at the first answer: one part that is unknown makes the whole unknown, whatever the others say.
  for key, operand in select * from jsonb_each(condition) loop
    if key in ('$and', '$or') then
      select count(*) filter (where answer), count(*) filter (where answer is null) into yes, unknown
      from (
        select nunchi.matches_condition(item, attributes) as answer
        from jsonb_array_elements(operand) as items(item)
      ) as answers;
      if unknown > 0 then return null; end if;
      one := case
        when key = '$and' then yes = jsonb_array_length(operand)
        else yes > 0 or operand = '[]'
      end;
    elsif key = '$not' then
      one := not nunchi.matches_condition(operand, attributes);
    elsif key like '$%' and key <> '$groups' then
      return null;
    else
      one := nunchi.matches_value(operand, nunchi.attribute_at(attributes, key));
    end if;
    if one is null then return null; end if;
    result := result and one;
  end loop;
  return result;
end
$$;
revoke execute on function nunchi.matches_condition(jsonb, jsonb) from public;

-- Whether a value is what a condition asks of it; null where only JavaScript can say (see matches_condition).
create or replace function nunchi.matches_value(asked jsonb, value jsonb) returns boolean
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  operator text;
  operand jsonb;
  one boolean;
  unknown int;
  result boolean := true;
begin
  if jsonb_typeof(asked) = 'array' or asked = '{}' then return null; end if;
  if jsonb_typeof(asked) <> 'object' then return nunchi.same_value(value, asked); end if;
  for operator, operand in select * from jsonb_each(asked) loop
    case operator
      when '$eq' then one := nunchi.same_value(value, operand);
      when '$ne' then one := not nunchi.same_value(value, operand);
      when '$exists' then
        if jsonb_typeof(operand) <> 'boolean' then return null; end if;
        one := (value <> 'null') = operand::boolean;
      when '$not' then one := not nunchi.matches_value(operand, value);
      when '$in', '$nin' then
        if jsonb_typeof(operand) <> 'array' then
          one := false;
        else
          select bool_or(nunchi.same_value(item, member)), count(*) filter (where nunchi.same_value(item, member) is null)
          into one, unknown
          from jsonb_array_elements(case when jsonb_typeof(value) = 'array' then value else jsonb_build_array(value) end)
            as items(item),
            jsonb_array_elements(operand) as members(member);
          if unknown > 0 then return null; end if;
          one := coalesce(one, false) = (operator = '$in');
        end if;
      when '$lt', '$lte', '$gt', '$gte' then
        -- A missing attribute is null, and null counts as 0; other types compare as only JavaScript does.
        if value = 'null' then value := '0'; end if;
        one := case operator
          when '$lt' then nunchi.json_number(value) < nunchi.json_number(operand)
          when '$lte' then nunchi.json_number(value) <= nunchi.json_number(operand)
          when '$gt' then nunchi.json_number(value) > nunchi.json_number(operand)
          else nunchi.json_number(value) >= nunchi.json_number(operand)
        end;
      else return null;
    end case;
    if one is null then return null; end if;
    result := result and one;
  end loop;
  return result;
end
$$;
revoke execute on function nunchi.matches_value(jsonb, jsonb) from public;

-- {} → [{ projectId, name, timezone, role }]: what the signed-in person may see, by name. Runs as the
-- person (security invoker): the policies decide, not this text.
create or replace function nunchi.member_projects(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', p.id, 'name', p.name, 'timezone', p.timezone,
      'role', m.role) order by p.name), '[]')
  from nunchi.projects p
  join nunchi.project_members m on m.project_id = p.id
    and m.user_id = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
$$;
revoke execute on function nunchi.member_projects(jsonb) from public;
grant execute on function nunchi.member_projects(jsonb) to nunchi_member;

-- Two rows of interactions about the same actor and item as one; which comes first makes no difference. Part of
-- process(). A dismissal says when it was, and no more: where there is anything else, `last_at` is of that.
create or replace function nunchi.merge_interaction(a nunchi.interactions, b nunchi.interactions)
returns nunchi.interactions
language plpgsql immutable set search_path = '' as $$
declare
  newer constant boolean := (greatest(b.last_at, b.dismissed_at), b.event_id) > (greatest(a.last_at, a.dismissed_at), a.event_id);
  result nunchi.interactions := case when newer then b else a end;
begin
  result.last_at := case when a.weight > 0 and b.weight = 0 then a.last_at when b.weight > 0 and a.weight = 0 then b.last_at
    else greatest(a.last_at, b.last_at) end;
  result.first_at := least(a.first_at, b.first_at);
  result.dismissed_at := greatest(a.dismissed_at, b.dismissed_at);
  result.weight := a.weight + b.weight;
  result.kinds := (select jsonb_object_agg(k.kind, k.times) from (
    select e.key as kind, sum(e.value::bigint) as times
    from (select * from jsonb_each_text(a.kinds) union all select * from jsonb_each_text(b.kinds)) e group by 1) k);
  return result;
end
$$;
revoke execute on function nunchi.merge_interaction(nunchi.interactions, nunchi.interactions) from public;

-- The events of one part of a metric that occurred in a span, each with what it adds to its unit: 1, the number in a
-- property, or 1 where there is such a number. `fault` is a text that stands where the number should. Bots and internal
-- traffic are left out. Part of summarize(). Only the months in question are opened, and by their index: an id tells
-- when its event occurred to within 48 hours, and where it does not the event is marked and has an index of its own.
create or replace function nunchi.metric_events(project uuid, env text, part jsonb, since timestamptz, until timestamptz)
returns table (event_id uuid, occurred_at timestamptz, anonymous_id text, user_id text, amount numeric, fault text)
language plpgsql stable set search_path = '' set jit = off set enable_seqscan = off as $$
#variable_conflict use_column
declare
  adds constant text := coalesce(part ->> 'adds', 'one');
  property constant text := part ->> 'property';
  wanted constant jsonb := nullif(part -> 'where', 'null');
  low constant uuid := nunchi.uuid_floor(greatest(since - interval '48 hours', 'epoch'));
  high constant uuid := nunchi.uuid_floor(until + interval '48 hours 66 seconds');
begin
  if part ->> 'conversion' is not null then
    return query
    select c.event_id, c.occurred_at, c.anonymous_id, c.user_id,
      case adds when 'one' then 1 when 'value' then c.value else case when c.value is not null then 1 end end, null::text
    from nunchi.experiment_conversions c
    where c.project_id = project and c.environment = env and c.metric = part ->> 'conversion'
      and (part ->> 'step' is null or c.step = part ->> 'step') and c.occurred_at >= since and c.occurred_at < until;
    return;
  end if;
  return query
  with happened as (
    select e.id, e.occurred_at, e.anonymous_id, e.user_id, e.properties, e.environment, e.type, e.name, e.bot, e.internal, e.sdk
    from nunchi.analytics_events e
    where e.project_id = project and not e.clock_suspect and e.id >= low and e.id < high
      and e.occurred_at >= since and e.occurred_at < until
    union all
    select e.id, e.occurred_at, e.anonymous_id, e.user_id, e.properties, e.environment, e.type, e.name, e.bot, e.internal, e.sdk
    from nunchi.analytics_events e
    where e.project_id = project and e.clock_suspect and e.occurred_at >= since and e.occurred_at < until
  )
  select h.id, h.occurred_at, h.anonymous_id, h.user_id,
    case when adds = 'one' then 1 when said.number is null then null when adds = 'value' then said.number else 1 end,
    case when adds = 'value' and said.number is null and jsonb_typeof(h.properties -> property) <> 'null'
      then left(h.properties ->> property, 50) end
  from happened h
  cross join lateral (
    select case when abs(n.number) < 1e15 then round(n.number, 6) end as number
    from (select case when jsonb_typeof(h.properties -> property) = 'number'
        or jsonb_typeof(h.properties -> property) = 'string'
          and h.properties ->> property ~ '^[ \t\n\r\v\f]*[-+]?[0-9]{1,15}(\.[0-9]{1,20})?[ \t\n\r\v\f]*$'
      then (h.properties ->> property)::numeric end as number) n
    offset 0) said
  where h.environment = env
    and (part ->> 'type' is null or h.type = part ->> 'type') and (part ->> 'event' is null or h.name = part ->> 'event')
    and (wanted is null or h.properties @> wanted)
    and not h.bot and not h.internal and not (h.sdk = 'nunchi-cli' and h.name = 'nunchi verify')
    -- Telling which variant was shown is nothing that a visitor does.
    and (part ->> 'event' is not null or not (h.type = 'track' and h.name = 'Experiment Viewed'));
end
$$;
revoke execute on function nunchi.metric_events(uuid, text, jsonb, timestamptz, timestamptz) from public;

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

-- Each unit of a revision of an experiment with what its events add up to: `a` and `b` by part within the window after
-- its first exposure, `xa` and `xb` before it; null where there was nothing to add. `faults` are events whose number is a
-- text, `fault` one of them. Whose an event is, conversions_of() says: of the unit whose value it carries, else of its
-- person's first-exposed unit. Of a funnel, `a` is 1 where the last step was reached in order. Part of summarize().
create or replace function nunchi.metric_units(project uuid, env text, experiment text, revision integer, plan jsonb,
  starts interval, lasts interval, before interval, ends timestamptz)
returns table (unit text, variant text, assigned_at timestamptz, multiple boolean, a numeric, b numeric, xa numeric,
  xb numeric, faults bigint, fault text)
-- Nobody knows how many rows a function will give: a nested loop over them would take minutes.
language plpgsql stable set search_path = '' set jit = off set enable_nestloop = off as $$
#variable_conflict use_column
declare
  steps constant integer := case when plan ->> 'kind' = 'funnel' then jsonb_array_length(plan -> 'parts') end;
  first timestamptz;
begin
  select min(t.assigned_at) into first from nunchi.experiment_assignments t
  where t.project_id = project and t.environment = env and t.experiment = metric_units.experiment
    and t.revision = metric_units.revision;
  if first is null then
    return;
  end if;
  return query
  with alias as materialized (
    select * from nunchi.alias_map(project)
  ), exposed as materialized (
    select t.unit, t.attribute, t.variant, t.assigned_at, t.event_id, t.multiple, coalesce(m.person, w.id) as person
    from nunchi.experiment_assignments t
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = t.anonymous_id
    cross join lateral (select coalesce(t.user_id, i.user_id, t.anonymous_id) as id) w
    left join alias m on m.previous_id = w.id
    where t.project_id = project and t.environment = env and t.experiment = metric_units.experiment
      and t.revision = metric_units.revision
  ), head as materialized (
    -- The person's first-exposed unit, apart by the attribute that a unit goes by.
    select distinct on (e.person, k.attribute) e.person, k.attribute, e.unit, e.assigned_at, e.event_id
    from exposed e
    cross join lateral (select case when e.attribute in ('anonymousId', 'userId') then e.attribute else '' end as attribute) k
    where e.person is not null
    order by e.person, k.attribute, e.assigned_at, e.event_id
  ), happened as materialized (
    select p.n as part, h.event_id, h.occurred_at, h.anonymous_id, h.user_id, h.amount, h.fault
    from jsonb_array_elements(plan -> 'parts') with ordinality p (part, n)
    cross join lateral nunchi.metric_events(project, env, p.part, first - before, ends) h
    where h.amount is not null or h.fault is not null
  ), owned as (
    select h.part, h.event_id, h.occurred_at, h.amount, h.fault, whose.unit
    from happened h
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = h.anonymous_id
    cross join lateral (select coalesce(h.user_id, i.user_id, h.anonymous_id) as id offset 0) w
    left join alias m on m.previous_id = w.id
    left join exposed va on va.unit = h.anonymous_id and va.attribute = 'anonymousId'
    left join exposed vu on vu.unit = h.user_id and vu.attribute = 'userId'
    left join head la on la.person = coalesce(m.person, w.id) and la.attribute = 'anonymousId' and h.anonymous_id is null
    left join head lu on lu.person = coalesce(m.person, w.id) and lu.attribute = 'userId' and h.user_id is null
    left join head lo on lo.person = coalesce(m.person, w.id) and lo.attribute = ''
    cross join lateral (
      select c.unit from (values (1, va.unit, va.assigned_at, va.event_id), (1, vu.unit, vu.assigned_at, vu.event_id),
        (2, la.unit, la.assigned_at, la.event_id), (2, lu.unit, lu.assigned_at, lu.event_id),
        (2, lo.unit, lo.assigned_at, lo.event_id)) c (rank, unit, at, id)
      where c.unit is not null order by c.rank, c.at, c.id limit 1) whose
  ), counted as (
    select o.*, o.occurred_at >= e.assigned_at + starts as after
    from owned o join exposed e on e.unit = o.unit
    where o.occurred_at >= e.assigned_at + starts and (lasts is null or o.occurred_at < e.assigned_at + starts + lasts)
      or o.occurred_at < e.assigned_at and o.occurred_at >= e.assigned_at - before
  ), added as (
    select c.unit,
      case when steps is null then sum(c.amount) filter (where c.part = 1 and c.after)
        else (nunchi.funnel_reached(array_agg(c.part::integer order by c.occurred_at, c.event_id, c.part desc)
          filter (where c.after)) >= steps)::integer end as a,
      case when steps is null then sum(c.amount) filter (where c.part = 2 and c.after) end as b,
      sum(c.amount) filter (where c.part = 1 and not c.after) as xa,
      sum(c.amount) filter (where c.part = 2 and not c.after) as xb, count(c.fault) as faults, min(c.fault) as fault
    from counted c group by 1
  )
  select e.unit, e.variant, e.assigned_at, e.multiple, d.a, d.b, d.xa, d.xb, coalesce(d.faults, 0), d.fault
  from exposed e left join added d on d.unit = e.unit;
end
$$;
revoke execute on function nunchi.metric_units(uuid, text, text, integer, jsonb, interval, interval, interval, timestamptz)
  from public;

-- MurmurHash3 (x86, 32 bits, seed 0) of a text's UTF-8 bytes: hash version 3, bit for bit as in the browser.
create or replace function nunchi.murmur3(value text) returns bigint
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  bytes constant bytea := convert_to(value, 'UTF8');
  size constant int := length(bytes);
  hash bigint := 0;
  word bigint := 0;
begin
  -- 32-bit products by halves: a bigint would overflow.
  for i in 0 .. size - 1 loop
    word := word | (get_byte(bytes, i)::bigint << (8 * (i & 3)));
    if (i & 3) = 3 or i = size - 1 then
      word := ((word & 65535) * 3432918353 + ((((word >> 16) * 3432918353) & 65535) << 16)) & 4294967295;
      word := ((word << 15) | (word >> 17)) & 4294967295;
      word := ((word & 65535) * 461845907 + ((((word >> 16) * 461845907) & 65535) << 16)) & 4294967295;
      hash := hash # word;
      if (i & 3) = 3 then
        hash := ((((hash << 13) | (hash >> 19)) & 4294967295) * 5 + 3864292196) & 4294967295;
      end if;
      word := 0;
    end if;
  end loop;
  hash := hash # size;
  hash := hash # (hash >> 16);
  hash := ((hash & 65535) * 2246822507 + ((((hash >> 16) * 2246822507) & 65535) << 16)) & 4294967295;
  hash := hash # (hash >> 13);
  hash := ((hash & 65535) * 3266489909 + ((((hash >> 16) * 3266489909) & 65535) << 16)) & 4294967295;
  return hash # (hash >> 16);
end
$$;
revoke execute on function nunchi.murmur3(text) from public;

-- Which projects the signed-in person may see. In a policy write `= any (array (select nunchi.my_projects()))`:
-- that form runs once a query and uses the index.
create or replace function nunchi.my_projects() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select m.project_id
  from nunchi.project_members m
  where m.user_id = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
$$;
revoke execute on function nunchi.my_projects() from public;
grant execute on function nunchi.my_projects() to nunchi_member;

-- The nearest 20 of each of 50 items, as { id: [[id, similarity]] }: what a page re-ranks by. Part of recommend(). In plpgsql,
-- whose plans are kept: before Postgres 18 SQL plans anew at each call.
create or replace function nunchi.neighbors_of(project uuid, env text, ids text[]) returns jsonb
language plpgsql stable set search_path = '' set enable_seqscan = off set enable_hashjoin = off
set plan_cache_mode = force_generic_plan as $$
begin
  return (select coalesce(jsonb_object_agg(n.item, n.near), '{}')
  from (
    select s.item, jsonb_agg(jsonb_build_array(n.neighbor, round(n.similarity::numeric, 4)) order by n.similarity desc, n.neighbor) as near
    from unnest(ids[:50]) s (item)
    cross join lateral (
      select r.neighbor, max(r.similarity) as similarity
      from (
        (select n.item as neighbor, n.similarity from nunchi.item_neighbors n
          where n.project_id = project and n.environment = env and n.neighbor = s.item and n.source = 'cf'
          order by n.similarity desc, n.item limit 20)
        union all
        (select n.item, n.similarity * 0.3 from nunchi.item_neighbors n
          where n.project_id = project and n.environment = env and n.neighbor = s.item and n.source = 'content'
          order by n.similarity desc, n.item limit 20)) r
      -- Who is near whom is told to those alone who take part in matching.
      where not (select exists (select from nunchi.items i where i.project_id = project and i.environment = env
          and i.type = 'person' and i.deleted_at is null))
        or not exists (select from nunchi.items i where i.project_id = project and i.environment = env
          and i.id = r.neighbor and i.type = 'person')
      group by r.neighbor order by 2 desc, 1 limit 20) n
    group by s.item
  ) n);
end
$$;
revoke execute on function nunchi.neighbors_of(uuid, text, text[]) from public;

-- The network of a visitor, as enriched (`203.0.113.0/24`, `2001:db8:1::/48`); null where it is one of those that are in
-- use everywhere at once: who comes from there may be anybody, and a proxy may stand before all. Part of process().
create or replace function nunchi.network_of(ip text) returns text
language sql immutable set search_path = '' as $$
  select case when ip !~ '^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|0:0:0:)'
    then left(ip, 100) end
$$;
revoke execute on function nunchi.network_of(text) from public;

-- Counts events by the day of their arrival into quality_days. Part of processing, once for each event and in the
-- transaction of its other effects. Each worker adds into rows of its own shard; as in process_facts() the join is
-- held to look-ups by key.
create or replace function nunchi.note_quality(projects uuid[], ids uuid[], worker smallint) returns void
language sql set search_path = '' set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
set jit = off as $$
  insert into nunchi.quality_days as q
    (project_id, environment, day, shard, events, bots, internal, late, skewed, clock_suspect)
  select e.project_id, e.environment, (e.received_at at time zone 'UTC')::date, worker, count(*),
    count(*) filter (where e.bot), count(*) filter (where e.internal),
    count(*) filter (where e.received_at - e.occurred_at >= interval '1 hour'),
    count(*) filter (where abs(e.skew_ms) > 60000), count(*) filter (where e.clock_suspect)
  from unnest(projects, ids) u (project_id, id)
  join nunchi.analytics_events e on e.project_id = u.project_id and e.id = u.id
  group by 1, 2, 3
  -- One order for everyone, so that two workers cannot deadlock.
  order by 1, 2, 3
  on conflict (project_id, environment, day, shard) do update set events = q.events + excluded.events,
    bots = q.bots + excluded.bots, internal = q.internal + excluded.internal, late = q.late + excluded.late,
    skewed = q.skewed + excluded.skewed, clock_suspect = q.clock_suspect + excluded.clock_suspect
$$;
revoke execute on function nunchi.note_quality(uuid[], uuid[], smallint) from public;

-- { tokenHash, days } → everything that the overview shows of the session's project and environment, for the last
-- `days` days up to now and as many before; null where the session is unknown, has ended, or its key was revoked.
-- Reads counts that processing made, never events.
create or replace function nunchi.overview(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  days constant integer := (args ->> 'days')::integer;
  whose record;
  -- The period's first day and its last, and the first of the period before; in the project's zone.
  since date;
  today date;
  earlier date;
  people bigint[];
  present jsonb;
  top jsonb;
begin
  select p.id, p.name, p.timezone, k.environment into whose
  from nunchi.overview_sessions s
  join nunchi.api_keys k on k.id = s.key_id and k.revoked_at is null
  join nunchi.projects p on p.id = s.project_id
  where s.token_hash = args ->> 'tokenHash' and s.expires_at > now();
  if whose.id is null then
    return null;
  end if;
  today := (now() at time zone whose.timezone)::date;
  since := today - days + 1;
  earlier := since - days;
  people := nunchi.overview_people(whose.id, whose.environment, earlier, since, today);
  present := nunchi.overview_counts(whose.id, whose.environment, whose.timezone, since, today);
  top := nunchi.overview_top(whose.id, whose.environment, since, today);

  return jsonb_build_object(
    'project', jsonb_build_object('name', whose.name, 'timezone', whose.timezone),
    'environment', whose.environment, 'at', floor(extract(epoch from clock_timestamp()) * 1000), 'days', days,
    'visitorsNow', nunchi.usage_of(whose.id, whose.environment, now() - interval '5 minutes',
      now() + interval '1 second', 'minute') -> 'people',
    'minutes', nunchi.overview_minutes(whose.id, whose.environment),
    'totals', present - 'revenue' || jsonb_build_object('people', people[1]),
    'before', nunchi.overview_counts(whose.id, whose.environment, whose.timezone, earlier, since - 1) - 'revenue'
      || jsonb_build_object('people', people[2]),
    'revenue', present -> 'revenue',
    'pages', coalesce(top -> 'page', '[]'), 'sources', coalesce(top -> 'source', '[]'),
    'countries', coalesce(top -> 'country', '[]'), 'devices', coalesce(top -> 'device', '[]'),
    'vitals', nunchi.overview_vitals(whose.id, whose.environment, since),
    'quality', nunchi.overview_quality(nunchi.quality(jsonb_build_object('projectId', whose.id,
      'from', floor(extract(epoch from now() - make_interval(days => days - 1)) * 1000)))));
end
$$;
revoke execute on function nunchi.overview(jsonb) from public;
grant execute on function nunchi.overview(jsonb) to nunchi_app;

-- { tokenHash } → {}. Ends a session of the overview.
create or replace function nunchi.overview_close(args jsonb) returns jsonb
language sql security definer set search_path = '' set jit = off as $$
  delete from nunchi.overview_sessions s where s.token_hash = args ->> 'tokenHash';
  select '{}'::jsonb
$$;
revoke execute on function nunchi.overview_close(jsonb) from public;
grant execute on function nunchi.overview_close(jsonb) to nunchi_app;

-- { sessions, pages, events, conversions, revenue: [{ currency, amount }] } of the days from `since` to `until` in the
-- project's zone, of revenue the three largest currencies. Part of overview().
create or replace function nunchi.overview_counts(project uuid, env text, zone text, since date, until date)
returns jsonb
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_custom_plan as $$
begin
  return (
    with counts as materialized (
      select r.kind, r.name, sum(r.events) as events, sum(r.amount) as amount
      from nunchi.rollup_days r
      where r.project_id = project and r.environment = env and r.day between since and until
        and r.kind in ('total', 'type', 'conversion', 'revenue')
      group by r.kind, r.name
    ), money as (
      select c.name as currency, c.amount from counts c where c.kind = 'revenue' order by c.amount desc, c.name limit 3
    )
    select jsonb_build_object(
      'sessions', (select count(*) from nunchi.sessions s where s.project_id = project and s.environment = env
        and s.started_at >= since::timestamp at time zone zone
        and s.started_at < (until + 1)::timestamp at time zone zone),
      'pages', coalesce(sum(c.events) filter (where c.kind = 'type' and c.name = 'page'), 0),
      'events', coalesce(sum(c.events) filter (where c.kind = 'total'), 0),
      'conversions', coalesce(sum(c.events) filter (where c.kind = 'conversion'), 0),
      'revenue', (select coalesce(jsonb_agg(to_jsonb(m) order by m.amount desc, m.currency), '[]') from money m))
    from counts c);
end
$$;
revoke execute on function nunchi.overview_counts(uuid, text, text, date, date) from public;

-- [events of each of the last sixty minutes], the current one last. Part of overview().
create or replace function nunchi.overview_minutes(project uuid, env text) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  with counted as (
    select r.minute, sum(r.events) as events
    from nunchi.rollup_minutes r
    where r.project_id = project and r.environment = env and r.kind = 'total'
      and r.minute >= date_trunc('minute', now(), 'UTC') - interval '59 minutes'
      and r.minute < date_trunc('minute', now(), 'UTC') + interval '1 minute'
    group by r.minute
  )
  select jsonb_agg(coalesce(c.events, 0) order by m)
  from generate_series(date_trunc('minute', now(), 'UTC') - interval '59 minutes', date_trunc('minute', now(), 'UTC'),
    interval '1 minute') m
  left join counted c on c.minute = m
$$;
revoke execute on function nunchi.overview_minutes(uuid, text) from public;

-- { keyHash, tokenHash, seconds } → { ok: true } | { error: 'key_unknown' | 'key_not_allowed' }.
-- Exchanges a server key that names the scope overview:read for a session. A key that may do more is refused:
-- it has no business in a browser, not even once.
create or replace function nunchi.overview_open(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key nunchi.api_keys;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind <> 'srv' or key.scopes <> array['overview:read'] then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  delete from nunchi.overview_sessions s where s.expires_at < now();
  insert into nunchi.overview_sessions (token_hash, project_id, key_id, expires_at)
  values (args ->> 'tokenHash', key.project_id, key.id, now() + make_interval(secs => (args ->> 'seconds')::integer));
  return jsonb_build_object('ok', true);
end
$$;
revoke execute on function nunchi.overview_open(jsonb) from public;
grant execute on function nunchi.overview_open(jsonb) to nunchi_app;

-- [how many people were there on the days from `since` to `until`, and on those from `earlier` up to `since`], told apart
-- as usage_of() tells them. One pass over the visitors answers both, since most of its cost is finding out who each is.
-- The plan is made for the days asked: for a few visitors it looks each one up, for many it hashes. Texts are sorted by
-- their bytes, which takes half as long as hashing them, and a fraction of sorting them by a language. Part of overview().
create or replace function nunchi.overview_people(project uuid, env text, earlier date, since date, until date)
returns bigint[]
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_custom_plan
  set enable_mergejoin = off set work_mem = '64MB' as $$
begin
  return (
    with aliased as materialized (
      select m.previous_id, m.person from nunchi.alias_map(project) m
    ), visitors as (
      select v.day >= since as present, coalesce(nullif(v.user_id, ''), i.user_id, v.anonymous_id) as id
      from nunchi.daily_visitors v
      left join nunchi.identities i on v.user_id = '' and i.project_id = project and i.anonymous_id = v.anonymous_id
      where v.project_id = project and v.environment = env and v.day between earlier and until
    ), people as (
      select v.present, coalesce(a.person, v.id) collate "C" as person
      from visitors v left join aliased a on a.previous_id = v.id
    )
    select array[count(distinct p.person) filter (where p.present), count(distinct p.person) filter (where not p.present)]
    from people p);
end
$$;
revoke execute on function nunchi.overview_people(uuid, text, date, date, date) from public;

-- The days of quality() as one. Part of overview().
create or replace function nunchi.overview_quality(quality jsonb) returns jsonb
language sql stable set search_path = '' as $$
  with day as (
    select * from jsonb_to_recordset(quality -> 'days') as d (accepted bigint, duplicates bigint, retransmits bigint,
      late bigint, bots bigint, "clockSuspect" bigint, rejected jsonb, dropped jsonb)
  ), rejected as (
    select r.key as name, sum(r.value::bigint) as events from day d, jsonb_each_text(d.rejected) r group by 1
  ), dropped as (
    select r.key as name, sum(r.value::bigint) as events from day d, jsonb_each_text(d.dropped) r group by 1
  )
  select jsonb_build_object('accepted', coalesce(sum(d.accepted), 0), 'duplicates', coalesce(sum(d.duplicates), 0),
    'retransmits', coalesce(sum(d.retransmits), 0), 'late', coalesce(sum(d.late), 0),
    'bots', coalesce(sum(d.bots), 0), 'suspect', coalesce(sum(d."clockSuspect"), 0),
    'rejected', (select coalesce(jsonb_agg(to_jsonb(r) order by r.events desc), '[]') from rejected r),
    'dropped', (select coalesce(jsonb_agg(to_jsonb(r) order by r.events desc), '[]') from dropped r),
    'queueSeconds', quality -> 'queue' -> 'oldestSeconds', 'deadLetters', quality -> 'queue' -> 'dead')
  from day d
$$;
revoke execute on function nunchi.overview_quality(jsonb) from public;

-- { page, source, country, device }: of each kind [{ name, events }], the ten most frequent names on the days from
-- `since` to `until`. One pass for all kinds. Part of overview().
create or replace function nunchi.overview_top(project uuid, env text, since date, until date) returns jsonb
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_custom_plan
  set work_mem = '64MB' as $$
begin
  return (
    select coalesce(jsonb_object_agg(t.kind, t.names), '{}')
    from (
      select n.kind, jsonb_agg(jsonb_build_object('name', n.name, 'events', n.events) order by n.place) as names
      from (
        select r.kind, r.name, sum(r.events) as events,
          row_number() over (partition by r.kind order by sum(r.events) desc, r.name collate "C") as place
        from nunchi.rollup_days r
        where r.project_id = project and r.environment = env and r.day between since and until
          and r.kind in ('page', 'source', 'country', 'device')
        group by r.kind, r.name
      ) n
      where n.place <= 10
      group by n.kind
    ) t);
end
$$;
revoke execute on function nunchi.overview_top(uuid, text, date, date) from public;

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

-- The name of the partition that holds a month's events (UTC), with its schema.
create or replace function nunchi.partition_name(month timestamptz) returns text
language sql stable strict parallel safe set search_path = '' as $$
  select 'nunchi.analytics_events_' || to_char(month at time zone 'UTC', 'YYYY_MM')
$$;
revoke execute on function nunchi.partition_name(timestamptz) from public;

-- All ids of the person who has this one: devices by first link, users by alias, and what waits to be processed
-- says of both. The id itself is always among them.
create or replace function nunchi.person_ids(project uuid, id text) returns text[]
language sql stable set search_path = '' as $$
  with recursive waiting as materialized (
    select e.type, e.anonymous_id, e.user_id, e.previous_id, e.occurred_at, e.id
    from nunchi.event_processing_queue q, unnest(q.project_ids, q.event_ids) u (project_id, id)
    join nunchi.analytics_events e on e.project_id = u.project_id and e.id = u.id
    where q.processing_status <> 'done' and u.project_id = project and e.user_id is not null
      and (e.anonymous_id is not null or e.previous_id is not null and e.type = 'alias')
  ), link as materialized (
    -- As process_people() will see it: the first one holds, also against one that stands.
    select w.one, w.other, 'identity' as kind
    from (select distinct on (w.anonymous_id) w.anonymous_id as one, w.user_id as other, w.occurred_at, w.id from waiting w
      where w.anonymous_id is not null order by w.anonymous_id, w.occurred_at, w.id) w
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = w.one
    where i.event_id is null or (w.occurred_at, w.id) < (i.linked_at, i.event_id)
    union all
    select w.one, w.other, 'alias'
    from (select distinct on (w.previous_id) w.previous_id as one, w.user_id as other, w.occurred_at, w.id from waiting w
      where w.previous_id is not null and w.type = 'alias' order by w.previous_id, w.occurred_at, w.id) w
    left join nunchi.aliases a on a.project_id = project and a.previous_id = w.one
    where a.event_id is null or (w.occurred_at, w.id) < (a.linked_at, a.event_id)
  ), person (id) as (
    select person_ids.id
    union
    select n.id from person p, lateral (
      select i.user_id from nunchi.identities i where i.project_id = project and i.anonymous_id = p.id
        and not exists (select from link l where l.kind = 'identity' and l.one = i.anonymous_id)
      union all
      select i.anonymous_id from nunchi.identities i where i.project_id = project and i.user_id = p.id
        and not exists (select from link l where l.kind = 'identity' and l.one = i.anonymous_id)
      union all
      select a.user_id from nunchi.aliases a where a.project_id = project and a.previous_id = p.id
        and not exists (select from link l where l.kind = 'alias' and l.one = a.previous_id)
      union all
      select a.previous_id from nunchi.aliases a where a.project_id = project and a.user_id = p.id
        and not exists (select from link l where l.kind = 'alias' and l.one = a.previous_id)
      union all
      select l.other from link l where l.one = p.id
      union all
      select l.one from link l where l.other = p.id
    ) n (id)
  )
  select array_agg(p.id order by p.id = person_ids.id desc, p.id) from person p
$$;
revoke execute on function nunchi.person_ids(uuid, text) from public;

-- The person behind an event's two ids: the user, else whom the visitor first became, else the visitor; through all
-- aliases, as alias_map() follows them. To ask for many rows at once join identities and alias_map(), as usage_of() does.
create or replace function nunchi.person_of(project uuid, user_id text, anonymous_id text) returns text
language plpgsql stable set search_path = '' as $$
declare
  following text := coalesce(user_id, (select i.user_id from nunchi.identities i
    where i.project_id = project and i.anonymous_id = person_of.anonymous_id), anonymous_id);
  way text[] := '{}';
begin
  while following is not null and cardinality(way) < 97 loop
    way := way || following;
    -- Past 32 steps it matters only whether they go round in a circle.
    select a.user_id into following from nunchi.aliases a where a.project_id = project and a.previous_id = way[cardinality(way)];
  end loop;
  if cardinality(way) = 97 and (select min(c) from unnest(way[33:64]) c) = (select min(c) from unnest(way[65:96]) c) then
    return (select min(c) from unnest(way[33:64]) c);
  end if;
  return way[least(cardinality(way), 33)];
end
$$;
revoke execute on function nunchi.person_of(uuid, text, text) from public;

-- The tables that tell of people, and which rows `t` are about the person whose ids are $2 (in project $1). What
-- export_person() shows and erase_person() deletes is read from here; a test holds it to the catalog. A row of
-- another user that merely names a device of this person stays theirs; `shared` takes the device out of it.
create or replace function nunchi.person_tables()
returns table (name text, own text, shared text, sort text)
language sql immutable set search_path = '' as $$
  values
    ('analytics_events', 't.user_id = any ($2) or t.user_id is null and (t.anonymous_id = any ($2) or t.previous_id = any ($2))',
      'update nunchi.analytics_events t set anonymous_id = case when t.anonymous_id = any ($2) then null else t.anonymous_id end,
        previous_id = case when t.previous_id = any ($2) then null else t.previous_id end,
        properties = case when t.name = ''Experiment Viewed'' and t.properties ->> ''unit'' = any ($2)
          then t.properties - ''unit'' else t.properties end
      where t.project_id = $1 and t.id = any ($3)', 't.id'),
    ('event_rejects', 'nunchi.ids_in(t.event) && $2', null, 't.received_at, t.batch, t.index'),
    ('sessions', 't.user_id = any ($2) or t.user_id is null and t.anonymous_id = any ($2)',
      'update nunchi.sessions t set anonymous_id = null where t.project_id = $1 and t.anonymous_id = any ($2)', 't.started_at, t.session_id'),
    ('minute_visitors', 't.user_id = any ($2) or t.user_id = '''' and t.anonymous_id = any ($2)',
      'with gone as (delete from nunchi.minute_visitors t where t.project_id = $1 and t.anonymous_id = any ($2) returning *)
      insert into nunchi.minute_visitors select distinct g.project_id, g.environment, g.minute, '''', g.user_id from gone g
      on conflict do nothing', 't.minute, t.environment, t.anonymous_id, t.user_id'),
    ('daily_visitors', 't.user_id = any ($2) or t.user_id = '''' and t.anonymous_id = any ($2)',
      'with gone as (delete from nunchi.daily_visitors t where t.project_id = $1 and t.anonymous_id = any ($2) returning *)
      insert into nunchi.daily_visitors select distinct g.project_id, g.environment, g.day, '''', g.user_id from gone g
      on conflict do nothing', 't.day, t.environment, t.anonymous_id, t.user_id'),
    ('experiment_assignments', 't.user_id = any ($2) or t.unit = any ($2) or t.user_id is null and t.anonymous_id = any ($2)',
      'update nunchi.experiment_assignments t set anonymous_id = null where t.project_id = $1 and t.anonymous_id = any ($2)',
      't.assigned_at, t.experiment, t.unit'),
    ('experiment_conversions', 't.user_id = any ($2) or t.user_id is null and t.anonymous_id = any ($2)',
      'update nunchi.experiment_conversions t set anonymous_id = null where t.project_id = $1 and t.anonymous_id = any ($2)',
      't.occurred_at, t.event_id'),
    ('interactions', 't.actor = any ($2)', null, 't.last_at, t.actor, t.item'),
    ('actor_changes', 't.actor = any ($2)', null, 't.since, t.actor'),
    ('user_preferences', 't.actor = any ($2)', null, 't.actor, t.preference_type, t.preference_value'),
    ('recommendation_cache', 't.actor = any ($2)', null, 't.expires_at, t.cache_key'),
    ('metric_facts', 't.user_id = any ($2) or t.user_id is null and t.anonymous_id = any ($2)',
      'update nunchi.metric_facts t set anonymous_id = null where t.project_id = $1 and t.anonymous_id = any ($2)',
      't.occurred_at, t.event_id'),
    ('insight_recommendations', 't.actor = any ($2)', null, 't.expires_at, t.recommendation_id'),
    -- What others said of the person goes with them, but is shown to nobody: who said yes, no, or blocked them.
    ('match_candidates', 't.user_id = any ($2)',
      'delete from nunchi.match_candidates t where t.project_id = $1 and t.other_id = any ($2)', 't.user_id, t.other_id'),
    ('match_decisions', 't.user_id = any ($2)',
      'delete from nunchi.match_decisions t where t.project_id = $1 and t.other_id = any ($2)', 't.at, t.user_id, t.other_id'),
    ('match_blocks', 't.user_id = any ($2)',
      'delete from nunchi.match_blocks t where t.project_id = $1 and t.blocked_id = any ($2)', 't.at, t.user_id, t.blocked_id'),
    ('match_consents', 't.user_id = any ($2)', null, 't.at, t.user_id'),
    ('items', 't.type = ''person'' and t.id = any ($2)', null, 't.id'),
    ('traits', 't.kind = ''user'' and t.subject = any ($2)', null, 't.subject, t.key'),
    ('aliases', 't.user_id = any ($2) or t.previous_id = any ($2)', null, 't.linked_at, t.previous_id'),
    ('identities', 't.user_id = any ($2) or t.anonymous_id = any ($2)', null, 't.linked_at, t.anonymous_id'),
    ('result_units', 't.unit = any ($2) or t.person = any ($2)', null, 't.tracker, t.unit'),
    -- The last one: the others leave word here of what went.
    ('result_touches', 't.unit = any ($2) or t.user_id = any ($2) or t.anonymous_id = any ($2)', null, 't.id')
$$;
revoke execute on function nunchi.person_tables() from public;

-- Keeps the sums of results whole: { budgetMs? = 1000 } → { steps, more }. It works in small steps until nothing is left
-- or the time is up; any number of callers may be at it. What it does: metrics and experiments that came or went, past
-- events of new ones, their units, and whatever changed since.
create or replace function nunchi.prepare_results(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  deadline constant timestamptz := clock_timestamp()
    + make_interval(secs => least(coalesce((args ->> 'budgetMs')::float8, 1000), 10000) / 1000);
  project uuid;
  env text;
  steps integer := 0;
  worked boolean;
  -- As much at a time as takes a second or two: large steps cost less.
  span interval := '12 hours';
  page integer := 4000;
  began timestamptz;
begin
  for project in select m.project_id from nunchi.metrics m union select t.project_id from nunchi.result_trackers t
    union select p.project_id from nunchi.metric_parts p order by 1
  loop
    continue when not pg_try_advisory_xact_lock(hashtext('nunchi.results'), hashtext(project::text));
    if nunchi.result_prepare(project) then
      -- Nobody processes until this commits.
      return jsonb_build_object('steps', steps + 1, 'more', true);
    end if;
    perform nunchi.result_until(project);
    loop
      began := clock_timestamp();
      worked := nunchi.result_fill(project, span);
      span := case when clock_timestamp() - began < interval '1 s' then least(span * 2, '30 days')
        when clock_timestamp() - began > interval '2 s' then greatest(span / 2, '1 hour') else span end;
      for env in select distinct t.environment from nunchi.result_trackers t where t.project_id = project loop
        worked := nunchi.result_advance(project, env, 2000) > 0 or worked;
      end loop;
      began := clock_timestamp();
      worked := nunchi.result_build(project, page) or worked;
      page := case when clock_timestamp() - began < interval '1 s' then least(page * 2, 16000)
        when clock_timestamp() - began > interval '2 s' then greatest(page / 2, 500) else page end;
      exit when not worked;
      steps := steps + 1;
      if clock_timestamp() > deadline then
        return jsonb_build_object('steps', steps, 'more', true);
      end if;
    end loop;
  end loop;
  return jsonb_build_object('steps', steps, 'more', false);
end
$$;
revoke execute on function nunchi.prepare_results(jsonb) from public;
grant execute on function nunchi.prepare_results(jsonb) to nunchi_app;

-- Writes the effects of what waits in the queue, each event's once, for any number of callers at the same moment.
-- { rows? = 500, events? = 5000 } → { rows, events, failed, dead, more, next, waits }: claims so many rows or
-- events, oldest first. `waits` are the ms from each row's commit to that of its effects; `more` says that another
-- call has something to do, and `next` how many rows it should ask for: fewer while a bad one is being found.
-- Of events that carry much it takes fewer (process_share()), so that a call is done within a second or so.
-- A claim that fails is halved until it succeeds or one row is alone (process_failed()). What is not the data's
-- fault (a lock, a full disk, a missing table) fails the call and counts against no row.
create or replace function nunchi.process(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  most constant integer := least(greatest(coalesce((args ->> 'rows')::integer, 500), 1), 500);
  budget constant integer := least(greatest(coalesce((args ->> 'events')::integer, 5000), 1), 5000);
  room integer := budget;
  claimed bigint[] := '{}';
  waits bigint[];
  worker smallint := 0;
  take integer;
  events integer := 0;
  failed integer := 0;
  died boolean := false;
  -- Whether more was claimed than one call can bear.
  heavy boolean;
  message text;
  waiting record;
begin
  -- recount() with repair waits for those who are at work, and they for it.
  perform pg_advisory_xact_lock_shared(hashtext('nunchi.recount'));
  for waiting in
    select q.id, cardinality(q.event_ids) as size from nunchi.event_processing_queue q
    where q.processing_status = 'pending' and (q.run_after is null or q.run_after <= clock_timestamp())
    order by q.id limit most for update skip locked
  loop
    claimed := claimed || waiting.id;
    room := room - waiting.size;
    exit when room <= 0;
  end loop;
  take := cardinality(claimed);
  if take = 0 then
    return jsonb_build_object('rows', 0, 'events', 0, 'failed', 0, 'dead', 0, 'more', false, 'next', 500,
      'waits', '[]'::jsonb);
  end if;
  while worker < 15 and not pg_try_advisory_xact_lock(hashtext('nunchi.process'), worker) loop
    worker := worker + 1;
  end loop;
  take := nunchi.process_share(claimed, budget);
  heavy := take < cardinality(claimed);
  while take = 0 loop
    perform nunchi.process_failed(claimed[1], null);
    take := nunchi.process_share(claimed[:1], budget);
  end loop;

  loop
    begin
      events := nunchi.process_rows(claimed[:take], worker);
      exit;
    exception when others then
      -- Data, constraint, cardinality, limit, raised: the classes in which an event can be at fault.
      if sqlstate !~ '^(?:21|22|23|54|P0)' then
        raise;
      end if;
      message := left(format('%s (%s)', sqlerrm, sqlstate), 500);
    end;
    failed := failed + 1;
    if take = 1 then
      died := nunchi.process_failed(claimed[1], message);
      exit;
    end if;
    take := take / 2;
  end loop;

  if events = 0 and failed > 0 then
    take := 0;
  end if;
  select coalesce(array_agg(floor(extract(epoch from clock_timestamp() - q.created_at) * 1000)::bigint), '{}')
  into waits from nunchi.event_processing_queue q where q.id = any (claimed[:take]) and q.retry_count = 0;
  insert into nunchi.processing_minutes as m (minute, shard, calls, events, failures, latency_ms_sum, latency_ms_max)
  select date_trunc('minute', now(), 'UTC'), worker, 1, coalesce(sum(cardinality(q.event_ids)), 0), failed,
    coalesce(sum(w.ms * cardinality(q.event_ids)), 0), coalesce(max(w.ms), 0)
  from nunchi.event_processing_queue q
  cross join lateral (select case when q.retry_count = 0 then
    floor(extract(epoch from clock_timestamp() - q.created_at) * 1000)::bigint end as ms) w
  where q.id = any (claimed[:take])
  on conflict (minute, shard) do update set calls = m.calls + 1, events = m.events + excluded.events,
    failures = m.failures + excluded.failures, latency_ms_sum = m.latency_ms_sum + excluded.latency_ms_sum,
    latency_ms_max = greatest(m.latency_ms_max, excluded.latency_ms_max);
  return jsonb_build_object('rows', take, 'events', events, 'failed', failed, 'dead', died::integer,
    'more', failed > 0 or heavy or room <= 0 or cardinality(claimed) = most,
    'next', case when failed > 0 or heavy then greatest(take, 1) else least(most * 2, 500) end, 'waits', waits);
end
$$;
revoke execute on function nunchi.process(jsonb) from public;
grant execute on function nunchi.process(jsonb) to nunchi_app;

-- Who was there, and how much of what, by minute and by day. Part of process(). Each worker adds into rows of its
-- own shard, so that nobody waits for the hot minute.
create or replace function nunchi.process_counts(facts nunchi.fact[], worker smallint) returns void
language plpgsql set search_path = '' set jit = off as $$
begin
  insert into nunchi.minute_visitors (project_id, environment, minute, anonymous_id, user_id)
  select distinct f.project_id, f.environment, date_trunc('minute', f.occurred_at, 'UTC'),
    coalesce(f.anonymous_id, ''), coalesce(f.user_id, '')
  from unnest(facts) f where f.counted
  order by 1, 2, 3, 4, 5
  on conflict do nothing;

  insert into nunchi.daily_visitors (project_id, environment, day, anonymous_id, user_id)
  select distinct f.project_id, f.environment, f.day, coalesce(f.anonymous_id, ''), coalesce(f.user_id, '')
  from unnest(facts) f where f.counted
  order by 1, 2, 3, 4, 5
  on conflict do nothing;

  insert into nunchi.rollup_minutes as r (project_id, environment, minute, kind, name, shard, events, amount)
  select f.project_id, f.environment, date_trunc('minute', f.occurred_at, 'UTC'), k.kind, k.name, worker, count(*),
    coalesce(sum(k.amount), 0)
  from unnest(facts) f
  cross join lateral (values ('total', '', null::numeric), ('type', f.type, null), ('conversion', f.conversion, null),
    ('revenue', f.currency, f.amount), ('feature', f.feature, null)) k (kind, name, amount)
  where f.counted and k.name is not null
  group by 1, 2, 3, 4, 5
  order by 1, 2, 3, 4, 5
  on conflict (project_id, environment, minute, kind, name, shard) do update
  set events = r.events + excluded.events, amount = r.amount + excluded.amount;

  insert into nunchi.rollup_days as r (project_id, environment, day, kind, name, shard, events, amount)
  select f.project_id, f.environment, f.day, k.kind, k.name, worker, count(*), coalesce(sum(k.amount), 0)
  from unnest(facts) f
  cross join lateral (values ('total', '', null::numeric), ('type', f.type, null),
    ('event', case f.type when 'track' then f.name end, null), ('page', f.path, null), ('source', f.source, null),
    ('campaign', left(nullif(f.campaign ->> 'name', ''), 200), null),
    ('country', case f.type when 'page' then f.country end, null),
    ('device', case f.type when 'page' then f.device_class end, null),
    ('browser', case f.type when 'page' then f.browser end, null), ('os', case f.type when 'page' then f.os end, null),
    ('conversion', f.conversion, null), ('revenue', f.currency, f.amount), ('feature', f.feature, null),
    ('vital', f.vital, f.vital_value)) k (kind, name, amount)
  where f.counted and k.name is not null
  group by 1, 2, 3, 4, 5
  order by 1, 2, 3, 4, 5
  on conflict (project_id, environment, day, kind, name, shard) do update
  set events = r.events + excluded.events, amount = r.amount + excluded.amount;
end
$$;
revoke execute on function nunchi.process_counts(nunchi.fact[], smallint) from public;

-- Who saw which variant, and what trackConversion() reported. Part of process(). The first exposure of a unit to a
-- revision is the one by when it occurred, then by id, in whatever order the events come; a unit that saw two
-- variants is marked for ever. What cannot be assigned is counted by day: experiment_failure FAULT.
create or replace function nunchi.process_experiments(facts nunchi.fact[], worker smallint) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
begin
  -- Most events are neither.
  if not exists (select from unnest(facts) f
    where f.counted and f.type = 'track' and f.name in ('Experiment Viewed', 'Conversion Tracked'))
  then
    return;
  end if;

  insert into nunchi.experiment_assignments as a (project_id, environment, experiment, revision, unit, attribute,
    variant, config_version, rule, anonymous_id, user_id, assigned_at, event_id, multiple)
  select distinct on (x.project_id, x.environment, x.experiment, x.revision, x.unit) x.project_id, x.environment,
    x.experiment, x.revision, x.unit, x.attribute, x.variant, x.config_version, x.rule, x.anonymous_id, x.user_id,
    x.occurred_at, x.id, min(x.variant) over same <> max(x.variant) over same
  from nunchi.exposures_in(facts) x where x.fault is null
  window same as (partition by x.project_id, x.environment, x.experiment, x.revision, x.unit)
  order by x.project_id, x.environment, x.experiment, x.revision, x.unit, x.occurred_at, x.id
  on conflict (project_id, environment, experiment, revision, unit) do update set
    (attribute, variant, config_version, rule, anonymous_id, user_id, assigned_at, event_id) = (
      select w.attribute, w.variant, w.version, w.rule, w.visitor, w.who, w.at, w.id
      from (values (a.attribute, a.variant, a.config_version, a.rule, a.anonymous_id, a.user_id, a.assigned_at, a.event_id),
        (excluded.attribute, excluded.variant, excluded.config_version, excluded.rule, excluded.anonymous_id,
          excluded.user_id, excluded.assigned_at, excluded.event_id))
        w (attribute, variant, version, rule, visitor, who, at, id)
      order by w.at, w.id limit 1),
    multiple = a.multiple or excluded.multiple or a.variant <> excluded.variant
  -- Most exposures only say again what is known.
  where (excluded.assigned_at, excluded.event_id) < (a.assigned_at, a.event_id)
    or not a.multiple and (excluded.multiple or a.variant <> excluded.variant);

  insert into nunchi.experiment_conversions (project_id, environment, event_id, metric, value, step, anonymous_id,
    user_id, occurred_at)
  select c.project_id, c.environment, c.id, c.metric, c.value, c.step, c.anonymous_id, c.user_id, c.occurred_at
  from nunchi.experiment_conversions_in(facts) c where c.whole
  order by c.project_id, c.id
  on conflict do nothing;

  insert into nunchi.rollup_days as r (project_id, environment, day, kind, name, shard, events, amount)
  select n.project_id, n.environment, n.day, 'experiment_failure', n.fault, worker, count(*), 0
  from (
    select x.project_id, x.environment, x.day, x.fault from nunchi.exposures_in(facts) x where x.fault is not null
    union all
    select c.project_id, c.environment, c.day, 'malformed_conversion'
    from nunchi.experiment_conversions_in(facts) c where not c.whole
  ) n
  group by 1, 2, 3, 5
  order by 1, 2, 3, 5
  on conflict (project_id, environment, day, kind, name, shard) do update set events = r.events + excluded.events;
end
$$;
revoke execute on function nunchi.process_experiments(nunchi.fact[], smallint) from public;

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

-- What becomes of a row of the queue that fails by itself. Of several events it is parted in two, which are tried
-- at once, until the bad event is alone; that one is tried again after 5 s, 10 s, 20 s and so on, and is dead after
-- the eighth failure. Part of process(), which parts a row that is too much for one call this way too, without a
-- reason; answers whether the row is dead now.
create or replace function nunchi.process_failed(queued bigint, reason text) returns boolean
language plpgsql set search_path = '' as $$
declare
  failed nunchi.event_processing_queue;
  half integer;
begin
  select * into strict failed from nunchi.event_processing_queue q where q.id = queued;
  half := cardinality(failed.event_ids) / 2;
  if half > 0 then
    insert into nunchi.event_processing_queue (project_ids, event_ids, retry_count, created_at, error)
    values (failed.project_ids[half + 1:], failed.event_ids[half + 1:], failed.retry_count, failed.created_at, reason);
    update nunchi.event_processing_queue q
    set project_ids = failed.project_ids[:half], event_ids = failed.event_ids[:half], error = reason
    where q.id = queued;
    return false;
  end if;
  update nunchi.event_processing_queue q set retry_count = failed.retry_count + 1, error = reason,
    processing_status = case when failed.retry_count + 1 >= 8 then 'dead' else 'pending' end,
    run_after = clock_timestamp() + make_interval(secs => 5 * 2 ^ failed.retry_count)
  where q.id = queued;
  return failed.retry_count + 1 >= 8;
end
$$;
revoke execute on function nunchi.process_failed(bigint, text) from public;

-- Who had to do with which items, and what became of recommendations. Part of process(). Neighbors, popularity and
-- preferences are not computed here: what changed is noted, and refresh_recommendations() follows within seconds, so
-- that no visitor, however busy, makes processing wait. Without a catalog it costs one look.
create or replace function nunchi.process_interactions(facts nunchi.fact[], worker smallint) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  said nunchi.interactions[];
  -- How many items each actor has to do with, in steps of twice as many: one per element of `said`.
  before integer[];
  after integer[];
begin
  if not exists (
    select from (select distinct f.project_id, f.environment from unnest(facts) f) p
    join nunchi.recommendation_catalogs c on c.project_id = p.project_id and c.environment = p.environment)
  then
    return;
  end if;
  perform nunchi.process_recommendations(facts, worker);
  perform nunchi.forget_answers(facts);
  select array_agg(i order by i.project_id, i.environment, i.actor, i.by_user, i.item) into said
  from nunchi.interactions_in(facts) i;
  if said is null then
    return;
  end if;

  before := nunchi.activity_steps(said);
  insert into nunchi.interactions as i
  select s.* from unnest(said) s
  on conflict (project_id, environment, actor, by_user, item) do update
  set (weight, kinds, network, country, device_class, event_id, first_at, last_at, dismissed_at) = (
    select m.weight, m.kinds, m.network, m.country, m.device_class, m.event_id, m.first_at, m.last_at, m.dismissed_at
    from nunchi.merge_interaction(i, excluded) m);
  after := nunchi.activity_steps(said);
  update nunchi.interactions i set loud = true
  from unnest(said, before, after) s (project_id, environment, actor, by_user, item, weight, kinds, network, country,
    device_class, event_id, first_at, last_at, dismissed_at, crowded, loud, before, after)
  where s.before < 8 and s.after = 8 and i.project_id = s.project_id and i.environment = s.environment
    and i.actor = s.actor and i.by_user = s.by_user and i.item = s.item;

  insert into nunchi.item_changes as c (project_id, environment, item, shard)
  select distinct t.project_id, t.environment, t.item, worker
  from (
    select s.project_id, s.environment, s.item from unnest(said) s
    union all
    -- An actor's other items: all where the damping of its activity takes a step, those that fell out of its latest
    -- hundred where it had so many.
    select a.project_id, a.environment, h.item
    from (
      select s.project_id, s.environment, s.actor, s.by_user, min(s.before) as before, min(s.after) as after, count(*) as items
      from unnest(said, before, after) s (project_id, environment, actor, by_user, item, weight,
        kinds, network, country, device_class, event_id, first_at, last_at, dismissed_at, crowded, loud, before, after)
      group by 1, 2, 3, 4
    ) a
    cross join lateral (
      select i.item, row_number() over (order by i.last_at desc, i.item desc) as n
      from nunchi.interactions i
      where i.project_id = a.project_id and i.environment = a.environment and i.actor = a.actor and i.by_user = a.by_user
      order by i.last_at desc, i.item desc limit 100 + least(a.items, 100)
    ) h
    where a.before <> a.after or h.n > 100
  ) t
  order by 1, 2, 3
  on conflict (project_id, environment, item, shard) do update set since = c.since;

  insert into nunchi.actor_changes as c (project_id, environment, actor, by_user, shard)
  select distinct s.project_id, s.environment, s.actor, s.by_user, worker from unnest(said) s
  order by 1, 2, 3, 4
  on conflict (project_id, environment, actor, by_user, shard) do update set since = c.since;
end
$$;
revoke execute on function nunchi.process_interactions(nunchi.fact[], smallint) from public;

-- Keeps what the events add to the metrics of their projects, and tells whose results change by it. Part of process();
-- what it takes of an event is what metric_events() takes.
create or replace function nunchi.process_metrics(facts nunchi.fact[]) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
begin
  -- Most projects judge nothing.
  if not exists (select from nunchi.metric_parts p where p.wanted
      and p.project_id = any (array(select distinct f.project_id from unnest(facts) f))) then
    return;
  end if;
  with part as materialized (
    select p.id, p.project_id, p.environment, p.part ->> 'type' as type, p.part ->> 'event' as event, p.part ->> 'adds' as adds,
      p.part ->> 'property' as property, nullif(p.part -> 'where', 'null') as wanted, p.part ->> 'conversion' as conversion,
      p.part ->> 'step' as step
    from nunchi.metric_parts p where p.wanted
      and p.project_id = any (array(select distinct f.project_id from unnest(facts) f))
  ), fact as materialized (
    select f.project_id, f.environment, f.id, f.type, f.name, f.occurred_at, f.anonymous_id, f.user_id from unnest(facts) f
    where f.counted
  ), plain as materialized (
    select p.project_id, p.id as part, f.id, f.occurred_at, f.anonymous_id, f.user_id, p.adds, p.property, p.wanted
    from fact f join part p on p.project_id = f.project_id and p.environment = f.environment
    where p.conversion is null and (p.type is null or f.type = p.type) and (p.event is null or f.name = p.event)
      and (p.event is not null or not (f.type = 'track' and f.name = 'Experiment Viewed'))
  ), added as (
    select h.project_id, h.part, h.id, h.occurred_at, h.anonymous_id, h.user_id,
      case when h.adds = 'one' then 1 when said.number is null then null when h.adds = 'value' then said.number else 1 end as amount,
      case when h.adds = 'value' and said.number is null and jsonb_typeof(e.properties -> h.property) <> 'null'
        then left(e.properties ->> h.property, 50) end as fault
    from plain h
    left join lateral (select a.properties from nunchi.analytics_events a
      where a.project_id = h.project_id and a.id = h.id and (h.adds <> 'one' or h.wanted is not null) offset 0) e on true
    cross join lateral (
      select case when abs(n.number) < 1e15 then round(n.number, 6) end as number
      from (select case when jsonb_typeof(e.properties -> h.property) = 'number'
          or jsonb_typeof(e.properties -> h.property) = 'string'
            and e.properties ->> h.property ~ '^[ \t\n\r\v\f]*[-+]?[0-9]{1,15}(\.[0-9]{1,20})?[ \t\n\r\v\f]*$'
        then (e.properties ->> h.property)::numeric end as number) n) said
    where h.wanted is null or e.properties @> h.wanted
    union all
    select p.project_id, p.id, c.event_id, c.occurred_at, c.anonymous_id, c.user_id,
      case p.adds when 'one' then 1 when 'value' then c.value else case when c.value is not null then 1 end end, null
    from fact f
    cross join lateral (select x.* from nunchi.experiment_conversions x
      where x.project_id = f.project_id and x.event_id = f.id offset 0) c
    join part p on p.project_id = f.project_id and p.environment = f.environment and p.conversion = c.metric
      and (p.step is null or p.step = c.step)
    where f.type = 'track' and f.name = 'Conversion Tracked'
  ), kept as (
    insert into nunchi.metric_facts (project_id, part, event_id, occurred_at, anonymous_id, user_id, amount, fault)
    select a.project_id, a.part, a.id, a.occurred_at, a.anonymous_id, a.user_id, a.amount, a.fault
    from added a where a.amount is not null or a.fault is not null
    order by a.project_id, a.anonymous_id, a.part, a.id
    on conflict do nothing
    returning project_id, part, occurred_at, anonymous_id, user_id
  )
  insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, who, due)
  select distinct k.project_id, p.environment, k.anonymous_id, k.user_id, false,
    case when k.occurred_at > clock_timestamp() then k.occurred_at else '-infinity' end
  from kept k join part p on p.id = k.part
  where exists (select from nunchi.result_trackers t where t.project_id = k.project_id and t.environment = p.environment);
end
$$;
revoke execute on function nunchi.process_metrics(nunchi.fact[]) from public;

-- Whom the events name: the first link of each visitor to a user, the first alias of each id, the newest value of
-- each trait. Part of process(). First and newest go by when it occurred, then by id, in whatever order the events
-- come. Everyone writes in the order of the keys, so that two workers cannot deadlock.
create or replace function nunchi.process_people(facts nunchi.fact[]) returns void
language plpgsql set search_path = '' set jit = off as $$
begin
  insert into nunchi.identities as i (project_id, anonymous_id, user_id, linked_at, event_id)
  select n.project_id, n.anonymous_id, n.user_id, n.occurred_at, n.id
  from (
    select distinct on (f.project_id, f.anonymous_id) f.project_id, f.anonymous_id, f.user_id, f.occurred_at, f.id
    from unnest(facts) f where f.anonymous_id is not null and f.user_id is not null
    order by f.project_id, f.anonymous_id, f.occurred_at, f.id
  ) n
  -- Most visitors are known already: their rows need no lock.
  left join nunchi.identities k on k.project_id = n.project_id and k.anonymous_id = n.anonymous_id
  where k.event_id is null or (n.occurred_at, n.id) < (k.linked_at, k.event_id)
  order by n.project_id, n.anonymous_id
  on conflict (project_id, anonymous_id) do update
  set user_id = excluded.user_id, linked_at = excluded.linked_at, event_id = excluded.event_id
  where (excluded.linked_at, excluded.event_id) < (i.linked_at, i.event_id);

  insert into nunchi.aliases as a (project_id, previous_id, user_id, linked_at, event_id)
  select distinct on (f.project_id, f.previous_id) f.project_id, f.previous_id, f.user_id, f.occurred_at, f.id
  from unnest(facts) f
  where f.type = 'alias' and f.previous_id is not null and f.user_id is not null and f.previous_id <> f.user_id
  order by f.project_id, f.previous_id, f.occurred_at, f.id
  on conflict (project_id, previous_id) do update
  set user_id = excluded.user_id, linked_at = excluded.linked_at, event_id = excluded.event_id
  where (excluded.linked_at, excluded.event_id) < (a.linked_at, a.event_id);

  insert into nunchi.traits as t (project_id, kind, subject, key, value, set_at, event_id)
  select distinct on (f.project_id, s.kind, s.subject, v.key) f.project_id, s.kind, s.subject, v.key, v.value,
    f.occurred_at, f.id
  from unnest(facts) f
  cross join lateral (select case f.type when 'group' then 'group' else 'user' end as kind,
    case f.type when 'group' then f.group_id else coalesce(f.user_id, f.anonymous_id) end as subject) s
  cross join lateral jsonb_each(f.traits) v
  where f.traits is not null and s.subject is not null and length(v.key) <= 200
  order by f.project_id, s.kind, s.subject, v.key, f.occurred_at desc, f.id desc
  on conflict (project_id, kind, subject, key) do update
  set value = excluded.value, set_at = excluded.set_at, event_id = excluded.event_id
  where (excluded.set_at, excluded.event_id) > (t.set_at, t.event_id);
end
$$;
revoke execute on function nunchi.process_people(nunchi.fact[]) from public;

-- How often each item was seen in and clicked from a list, by day: Recommendation Viewed { items: [ID], list } and
-- Recommendation Clicked { itemId, list }. Part of process(). Of items that the catalog does not hold nothing is counted.
create or replace function nunchi.process_recommendations(facts nunchi.fact[], worker smallint) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
begin
  if not exists (select from unnest(facts) f
    where f.counted and f.type = 'track' and f.name in ('Recommendation Viewed', 'Recommendation Clicked'))
  then
    return;
  end if;
  insert into nunchi.recommendation_days as r (project_id, environment, day, list, item, shard, impressions, clicks)
  select f.project_id, f.environment, f.day, e.list, i.id, worker,
    count(*) filter (where f.name = 'Recommendation Viewed'), count(*) filter (where f.name = 'Recommendation Clicked')
  from unnest(facts) f
  cross join lateral (select a.properties, case when a.properties ->> 'list' in ('user', 'contextual', 'similar', 'trending')
      then a.properties ->> 'list' else 'other' end as list
    from nunchi.analytics_events a where a.project_id = f.project_id and a.id = f.id offset 0) e
  cross join lateral unnest(nunchi.item_ids_in(e.properties)) n (item)
  cross join lateral (select i.id from nunchi.items i where i.project_id = f.project_id and i.environment = f.environment
    and i.id = n.item offset 0) i
  where f.counted and f.type = 'track' and f.name in ('Recommendation Viewed', 'Recommendation Clicked')
  group by 1, 2, 3, 4, 5
  order by 1, 2, 3, 4, 5
  on conflict (project_id, environment, day, list, item, shard) do update
  set impressions = r.impressions + excluded.impressions, clicks = r.clicks + excluded.clicks;
end
$$;
revoke execute on function nunchi.process_recommendations(nunchi.fact[], smallint) from public;

-- Writes the effects of the queue's rows and marks them done; answers how many events there were. Part of
-- process(), which holds the rows' locks: what is written here and what is done go into one commit.
create or replace function nunchi.process_rows(rows bigint[], worker smallint) returns integer
language plpgsql set search_path = '' as $$
declare
  projects uuid[];
  ids uuid[];
  facts nunchi.fact[];
begin
  select array_agg(u.project_id), array_agg(u.id) into projects, ids
  from nunchi.event_processing_queue q, unnest(q.project_ids, q.event_ids) u (project_id, id)
  where q.id = any (rows);
  facts := nunchi.process_facts(projects, ids);
  -- One order of the tables for everyone, as of the rows within each.
  perform nunchi.process_people(facts);
  perform nunchi.process_sessions(facts);
  perform nunchi.process_counts(facts, worker);
  perform nunchi.process_experiments(facts, worker);
  perform nunchi.process_interactions(facts, worker);
  perform nunchi.process_metrics(facts);
  perform nunchi.note_quality(projects, ids, worker);
  update nunchi.event_processing_queue q set processing_status = 'done', processed_at = clock_timestamp(),
    run_after = null
  where q.id = any (rows);
  return coalesce(cardinality(ids), 0);
end
$$;
revoke execute on function nunchi.process_rows(bigint[], smallint) from public;

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

-- How many of the claimed rows, from the front, one call can bear; 0 where the first is too much by itself and can
-- be parted. Part of process(). An event costs 1 of `room`, and more by what it carries: each trait is a row of its
-- own, and a claim of the largest events that are let in would run into the time limit, again at every try.
create or replace function nunchi.process_share(claimed bigint[], room integer) returns integer
language sql set search_path = '' set enable_seqscan = off set jit = off as $$
  select case when count(*) filter (where s.upto <= room) > 0 then count(*) filter (where s.upto <= room)
    when max(s.events) filter (where s.n = 1) > 1 then 0 else 1 end
  from (
    select c.n, c.events, sum(c.cost) over (order by c.n) as upto
    from (
      select r.n, cardinality(q.event_ids) as events, coalesce(sum(e.cost), 0) as cost
      from unnest(claimed) with ordinality r (id, n)
      join nunchi.event_processing_queue q on q.id = r.id
      left join lateral unnest(q.project_ids, q.event_ids) u (project_id, id) on true
      left join lateral (select 1 + (coalesce(pg_column_size(a.properties), 0) + coalesce(pg_column_size(a.page_url), 0)
          + coalesce(pg_column_size(a.page_referrer), 0)) / 2000
          + case when a.type in ('identify', 'group') and jsonb_typeof(a.properties) = 'object'
            then (select count(*) from jsonb_object_keys(a.properties)) / 12 else 0 end as cost
        from nunchi.analytics_events a where a.project_id = u.project_id and a.id = u.id offset 0) e on true
      group by r.n, q.event_ids
    ) c
  ) s
$$;
revoke execute on function nunchi.process_share(bigint[], integer) from public;

-- Keeps the rows of feature_flags, experiments and experiment_variants equal to a definition. Part of
-- publish_config().
create or replace function nunchi.project_config(project uuid, env text, whole jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  delete from nunchi.feature_flags f
  where f.project_id = project and f.environment = env and not whole -> 'flags' ? f.key;
  insert into nunchi.feature_flags as f (project_id, environment, key, type, enabled, revision, definition)
  select project, env, d.key, d.value ->> 'type', coalesce((d.value ->> 'enabled')::boolean, true),
    (d.value ->> 'revision')::integer, d.value
  from jsonb_each(whole -> 'flags') d
  on conflict (project_id, environment, key) do update
  set type = excluded.type, enabled = excluded.enabled, revision = excluded.revision,
    definition = excluded.definition, updated_at = clock_timestamp()
  where f.definition <> excluded.definition;

  delete from nunchi.experiments e
  where e.project_id = project and e.environment = env and not whole -> 'experiments' ? e.key;
  insert into nunchi.experiments as e (project_id, environment, key, name, hypothesis, status, revision,
    target_sample_size, confidence_level, created_by, started_at, ended_at, definition)
  select project, env, d.key, d.value ->> 'name', d.value ->> 'hypothesis', d.value ->> 'status',
    (d.value ->> 'revision')::integer, (d.value ->> 'targetSampleSize')::bigint,
    coalesce((d.value ->> 'confidenceLevel')::double precision, 0.95), d.value ->> 'createdBy',
    case when d.value ->> 'status' <> 'draft' then clock_timestamp() end,
    case when d.value ->> 'status' = 'completed' then clock_timestamp() end, d.value - 'variants'
  from jsonb_each(whole -> 'experiments') d
  on conflict (project_id, environment, key) do update
  set name = excluded.name, hypothesis = excluded.hypothesis, status = excluded.status,
    revision = excluded.revision, target_sample_size = excluded.target_sample_size,
    confidence_level = excluded.confidence_level, created_by = excluded.created_by,
    started_at = case when excluded.status = 'draft' then null else coalesce(e.started_at, excluded.started_at) end,
    ended_at = case when excluded.status = 'completed' then coalesce(e.ended_at, excluded.ended_at) end,
    definition = excluded.definition, updated_at = clock_timestamp()
  where e.definition <> excluded.definition;

  delete from nunchi.experiment_variants v where v.project_id = project and v.environment = env;
  insert into nunchi.experiment_variants (project_id, environment, experiment, key, position, weight, is_control,
    configuration)
  select project, env, d.key, v.value ->> 'key', v.position, (v.value ->> 'weight')::integer,
    coalesce((v.value ->> 'isControl')::boolean, false), v.value -> 'configuration'
  from jsonb_each(whole -> 'experiments') d,
    jsonb_array_elements(d.value -> 'variants') with ordinality as v (value, position);
end
$$;
revoke execute on function nunchi.project_config(uuid, text, jsonb) from public;

-- {} → { queue, minutes }: takes away what nobody needs any more, at most 50,000 rows of each table a call. Queue rows
-- a day after they are done; figures by minute, and visitors by minute, after eight days; how processing went after
-- eight days; answers of recommendations that expired, and how many failed 90 days ago. Dead rows stay until they are replayed. recount() knows how far minutes reach.
create or replace function nunchi.prune(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  old constant timestamptz := date_trunc('minute', now() - interval '8 days', 'UTC');
  queue bigint;
  minutes bigint := 0;
  gone bigint;
begin
  delete from nunchi.event_processing_queue q where q.id = any (array(
    select d.id from nunchi.event_processing_queue d
    where d.processing_status = 'done' and d.processed_at < now() - interval '1 day'
    order by d.id limit 50000 for update skip locked));
  get diagnostics queue = row_count;
  delete from nunchi.minute_visitors m where m.ctid = any (array(
    select d.ctid from nunchi.minute_visitors d where d.minute < old limit 50000 for update skip locked));
  get diagnostics minutes = row_count;
  delete from nunchi.rollup_minutes m where m.ctid = any (array(
    select d.ctid from nunchi.rollup_minutes d where d.minute < old limit 50000 for update skip locked));
  get diagnostics gone = row_count;
  minutes := minutes + gone;
  delete from nunchi.processing_minutes m where m.minute < old;
  delete from nunchi.recommendation_cache c where c.ctid = any (array(
    select d.ctid from nunchi.recommendation_cache d where d.expires_at < now() limit 50000 for update skip locked));
  delete from nunchi.recommendation_errors e where e.hour < now() - interval '90 days';
  return jsonb_build_object('queue', queue, 'minutes', minutes);
end
$$;
revoke execute on function nunchi.prune(jsonb) from public;
grant execute on function nunchi.prune(jsonb) to nunchi_app;

-- { projectId, environment, base, version, definition, config, actor, reason, subject, before, after }
--   → { number, version } | { error: 'config_conflict', number }.
-- Publishes what the caller has validated, if `base` is still the number in force (0 where there is none yet),
-- with one row in the audit log. Run by the owner, and for keys by publish_config_by_key().
create or replace function nunchi.publish_config(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := (args ->> 'projectId')::uuid;
  env constant text := args ->> 'environment';
  next constant bigint := (args ->> 'base')::bigint + 1;
  present bigint;
  earlier jsonb;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('nunchi config ' || project || env, 0));
  select v.number, v.revisions into present, earlier
  from nunchi.config_versions v where v.project_id = project and v.environment = env
  order by v.number desc limit 1;
  present := coalesce(present, 0);
  if present <> next - 1 then
    return jsonb_build_object('error', 'config_conflict', 'number', present);
  end if;
  insert into nunchi.config_versions (project_id, environment, number, version, definition, config, revisions, actor,
    reason)
  values (project, env, next, args ->> 'version', args -> 'definition', args -> 'config',
    nunchi.highest_revisions(earlier, args -> 'definition'), args ->> 'actor', args ->> 'reason');
  perform nunchi.project_config(project, env, args -> 'definition');
  perform nunchi.audit(project, args ->> 'actor', split_part(args ->> 'reason', ' ', 1), env || '/' || (args ->> 'subject'),
    args -> 'before', args -> 'after');
  return jsonb_build_object('number', next, 'version', args ->> 'version');
end
$$;
revoke execute on function nunchi.publish_config(jsonb) from public;

-- { keyHash, … } → as publish_config(), or { error: 'key_unknown' | 'key_not_allowed' }: project, environment
-- and actor are the key's, which needs the scope config:write.
create or replace function nunchi.publish_config_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.publish_config(args || key);
end
$$;
revoke execute on function nunchi.publish_config_by_key(jsonb) from public;
grant execute on function nunchi.publish_config_by_key(jsonb) to nunchi_app;

-- Writes items of a catalog and answers as set_items() says. Part of set_items() and set_items_of(). An item that says
-- what it said before changes nothing: neither its row nor what is computed from it.
create or replace function nunchi.put_items(project uuid, env text, given jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  rejected jsonb;
  changed text[];
  good integer;
begin
  if jsonb_typeof(given) is distinct from 'array' or jsonb_array_length(given) > 1000 then
    raise invalid_parameter_value using message = 'items must be a list of at most 1,000.';
  end if;
  -- One writer of a catalog at a time: two with the same items would wait for each other.
  perform pg_advisory_xact_lock(hashtext('nunchi.put_items'), hashtext(project::text || env));
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('index', g.n - 1,
      'id', case when jsonb_typeof(g.item) = 'object' then left(g.item ->> 'id', 200) end,
      'code', 'item_invalid', 'detail', m.mistake ->> 'detail', 'fix', m.mistake ->> 'fix')) order by g.n)
      filter (where m.mistake is not null), '[]'), count(*) filter (where m.mistake is null)
  into rejected, good
  from jsonb_array_elements(given) with ordinality g (item, n)
  cross join lateral (select nunchi.item_mistake(g.item) as mistake offset 0) m;

  with good as (
    -- Of an id that is named twice the last holds.
    select distinct on (g.item ->> 'id') g.item ->> 'id' as id, g.item, encode(sha256(convert_to(g.item::text, 'UTF8')), 'hex') as hash
    from jsonb_array_elements(given) with ordinality g (item, n)
    cross join lateral (select nunchi.item_mistake(g.item) as mistake offset 0) m
    where m.mistake is null
    order by g.item ->> 'id', g.n desc
  ), put as (
    insert into nunchi.items as i (project_id, environment, id, type, title, url, image, tags, text, attributes,
      available, hash)
    select project, env, g.id, g.item ->> 'type', g.item ->> 'title', g.item ->> 'url', g.item ->> 'image',
      array(select distinct t from jsonb_array_elements_text(coalesce(g.item -> 'tags', '[]')) t order by t),
      g.item ->> 'text', coalesce(g.item -> 'attributes', '{}'), coalesce((g.item -> 'available')::boolean, true), g.hash
    from good g order by g.id
    on conflict (project_id, environment, id) do update
    set type = excluded.type, title = excluded.title, url = excluded.url, image = excluded.image, tags = excluded.tags,
      text = excluded.text, attributes = excluded.attributes, available = excluded.available, hash = excluded.hash,
      updated_at = clock_timestamp(), deleted_at = null,
      created_at = case when i.deleted_at is null then i.created_at else clock_timestamp() end
    where i.hash <> excluded.hash or i.deleted_at is not null
    returning i.id
  )
  select coalesce(array_agg(p.id order by p.id), '{}') into changed from put p;
  perform nunchi.items_changed(project, env, changed);
  return jsonb_build_object('accepted', good, 'unchanged', good - cardinality(changed), 'rejected', rejected);
end
$$;
revoke execute on function nunchi.put_items(uuid, text, jsonb) from public;

-- { projectId | keyHash, from?, to? } → { days, queue }: the quality of a project's data, by day of arrival (UTC).
-- `from` and `to` are ms since the epoch; the days of both are in it, by default the last seven.
-- days: [{ day, accepted, duplicates, retransmits, rejected: { code: n }, dropped: { reason: n }, late, bots,
--   internal, skewed, clockSuspect, latencyMs: { average, max } }], newest first, days without anything left out.
--   Of accepted are late (an hour or more after they occurred), bots, internal, skewed (a clock off by over a
--   minute), clockSuspect (over 48 hours). Latency is of all projects together; null where nothing was processed.
-- queue: { waiting, oldestSeconds, dead }: events of the project that are not in the counts yet (among 10,000
--   queue rows), and those that processing gave up.
-- Null where the key is unknown or revoked. Reads counts only, never events.
create or replace function nunchi.quality(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  project uuid := args ->> 'projectId';
  until constant date := coalesce(to_timestamp((args ->> 'to')::bigint / 1000.0), now())::date;
  since constant date := coalesce(to_timestamp((args ->> 'from')::bigint / 1000.0)::date, until - 6);
begin
  if project is null then
    select k.project_id into project from nunchi.api_keys k
    where k.hash = args ->> 'keyHash' and k.revoked_at is null;
    if project is null then
      return null;
    end if;
  end if;
  return jsonb_build_object('days', (
    with arrived as (
      select q.day, sum(q.events) as accepted, sum(q.bots) as bots, sum(q.internal) as internal, sum(q.late) as late,
        sum(q.skewed) as skewed, sum(q.clock_suspect) as suspect
      from nunchi.quality_days q where q.project_id = project and q.day between since and until
      group by q.day
    ), rejected as (
      select c.day, jsonb_object_agg(c.code, c.events) as codes from (
        select r.received_at::date as day, r.code, count(*) as events from nunchi.event_rejects r
        where r.project_id = project and r.received_at >= since and r.received_at < until + 1
        group by 1, 2
      ) c group by c.day
    ), dropped as (
      select d.day, sum(d.events) filter (where d.reason in ('retransmit', 'duplicate')) as duplicates,
        sum(d.events) filter (where d.reason = 'retransmit') as retransmits,
        jsonb_object_agg(d.reason, d.events) filter (where d.reason not in ('retransmit', 'duplicate')) as reasons
      from nunchi.sdk_drops d where d.project_id = project and d.day between since and until
      group by d.day
    ), processed as (
      select m.minute::date as day, round(sum(m.latency_ms_sum) / nullif(sum(m.events), 0)) as average,
        max(m.latency_ms_max) as most
      from nunchi.processing_minutes m where m.minute >= since and m.minute < until + 1
      group by 1
    )
    select coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'accepted', coalesce(a.accepted, 0),
        'duplicates', coalesce(x.duplicates, 0), 'retransmits', coalesce(x.retransmits, 0),
        'rejected', coalesce(r.codes, '{}'), 'dropped', coalesce(x.reasons, '{}'), 'late', coalesce(a.late, 0),
        'bots', coalesce(a.bots, 0), 'internal', coalesce(a.internal, 0), 'skewed', coalesce(a.skewed, 0),
        'clockSuspect', coalesce(a.suspect, 0),
        'latencyMs', jsonb_build_object('average', p.average, 'max', p.most)) order by d.day desc), '[]')
    from (select a.day from arrived a union select r.day from rejected r union select x.day from dropped x) d
    left join arrived a using (day)
    left join rejected r using (day)
    left join dropped x using (day)
    left join processed p using (day)
  ), 'queue', (
    select jsonb_build_object('waiting', count(*) filter (where w.status <> 'dead'),
      'oldestSeconds', coalesce(greatest(floor(extract(epoch from clock_timestamp()
        - min(w.created_at) filter (where w.status <> 'dead'))), 0), 0),
      'dead', count(*) filter (where w.status = 'dead'))
    from (
      (select q.processing_status as status, q.created_at, q.project_ids from nunchi.event_processing_queue q
      where q.processing_status = 'pending' order by q.id limit 10000)
      union all
      (select q.processing_status, q.created_at, q.project_ids from nunchi.event_processing_queue q
      where q.processing_status = 'dead' order by q.id limit 10000)
    ) w, unnest(w.project_ids) u (project_id)
    where u.project_id = project
  ));
end
$$;
revoke execute on function nunchi.quality(jsonb) from public;

-- {} → { waiting, oldestMs, dead, minutes: { calls, events, failures, latencyMs, latencyMaxMs } }: the queue (counted up
-- to 10,000) and how processing went in the last ten minutes; `latencyMs` is the average over events, null without any.
create or replace function nunchi.queue_state(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select jsonb_build_object(
    'waiting', (select count(*) from (select from nunchi.event_processing_queue q
      where q.processing_status = 'pending' limit 10000) w),
    'oldestMs', (select coalesce(floor(extract(epoch from clock_timestamp() - min(w.created_at)) * 1000)::bigint, 0)
      from (select q.created_at from nunchi.event_processing_queue q where q.processing_status = 'pending'
        order by q.id limit 10000) w),
    'dead', (select count(*) from (select from nunchi.event_processing_queue q
      where q.processing_status = 'dead' limit 10000) d),
    'minutes', (select jsonb_build_object('calls', coalesce(sum(m.calls), 0), 'events', coalesce(sum(m.events), 0),
        'failures', coalesce(sum(m.failures), 0), 'latencyMs', round(sum(m.latency_ms_sum) / nullif(sum(m.events), 0), 1),
        'latencyMaxMs', coalesce(max(m.latency_ms_max), 0))
      from nunchi.processing_minutes m where m.minute >= now() - interval '10 minutes'))
$$;
revoke execute on function nunchi.queue_state(jsonb) from public;
grant execute on function nunchi.queue_state(jsonb) to nunchi_app;

-- { id } → { ramp, config: { number, version, definition, revisions }, units: [{ step, variant, units, multiple }] } | null:
-- what a decision on a ramp stands on. Units belong to the step in whose time their first exposure occurred; those exposed
-- before the ramp to none. Run by the collector's worker.
create or replace function nunchi.ramp_ground(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  one nunchi.ramps;
  starts timestamptz[];
  seen jsonb;
begin
  select * into one from nunchi.ramps r where r.id = (args ->> 'id')::uuid;
  if one.id is null then
    return null;
  end if;
  select array_agg(s.started_at order by s.step) into starts from nunchi.ramp_steps s
  where s.project_id = one.project_id and s.environment = one.environment and s.ramp = one.id;
  select coalesce(jsonb_agg(to_jsonb(u) order by u.step, u.variant collate "C"), '[]') into seen
  from (
    select width_bucket(t.assigned_at, starts) - 1 as step, t.variant, count(*) filter (where not t.multiple) as units,
      count(*) filter (where t.multiple) as multiple
    from nunchi.experiment_assignments t
    where t.project_id = one.project_id and t.environment = one.environment and t.experiment = one.experiment
      and t.revision = one.revision and t.assigned_at >= starts[1]
    group by 1, 2) u;
  return jsonb_build_object('ramp', nunchi.ramp_told(one.id), 'units', seen, 'config',
    nunchi.config_definition(jsonb_build_object('projectId', one.project_id, 'environment', one.environment)) - 'config');
end
$$;
revoke execute on function nunchi.ramp_ground(jsonb) from public;
grant execute on function nunchi.ramp_ground(jsonb) to nunchi_app;

-- { id, plan } → { arms: [{ step, variant, units, active, sum, means, covariance }], faults: { events, example, byVariant? } }: one
-- metric's sufficient statistics by the step in whose time a unit was first exposed. `plan` is what metricPlan() makes;
-- `active` are the units of whom there was anything, `sum` the exact total of the value, `means` and `covariance` are of
-- value and denominator. Units that saw several variants are left out, and of a retention those whose day is not over.
-- Run by the collector's worker.
create or replace function nunchi.ramp_summary(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  plan constant jsonb := args -> 'plan';
  retains constant boolean := plan ->> 'kind' = 'retention';
  closes constant interval := make_interval(secs => (coalesce((plan ->> 'fromMs')::float8, 0)
    + coalesce((plan ->> 'windowMs')::float8, 0)) / 1000);
  one nunchi.ramps;
  starts timestamptz[];
  ends timestamptz;
  result jsonb;
begin
  select * into one from nunchi.ramps r where r.id = (args ->> 'id')::uuid;
  select array_agg(s.started_at order by s.step) into starts from nunchi.ramp_steps s
  where s.project_id = one.project_id and s.environment = one.environment and s.ramp = one.id;
  perform nunchi.result_current(one.project_id, one.environment, 4000);
  ends := clock_timestamp();
  with unit as materialized (
    select width_bucket(u.assigned_at, starts) - 1 as step, u.* from nunchi.ramp_units(one, plan, ends) u
  ), arms as (
    select u.step, u.variant, count(*) as units, count(*) filter (where u.y <> 0) as active, sum(u.y) as total,
      avg(u.y::float8) as y, avg(u.b::float8) as b, var_samp(u.y::float8) as yy, var_samp(u.b::float8) as bb,
      covar_samp(u.y::float8, u.b::float8) as yb
    from unit u
    where not u.multiple and (not retains or u.assigned_at + closes <= ends)
    group by 1, 2
  )
  select jsonb_build_object(
    'arms', (select coalesce(jsonb_agg(jsonb_build_object('step', a.step, 'variant', a.variant, 'units', a.units,
      'active', a.active, 'sum', trim_scale(a.total)::text, 'means', jsonb_build_array(a.y, a.b), 'covariance',
      jsonb_build_array(jsonb_build_array(a.yy, a.yb), jsonb_build_array(a.yb, a.bb))) order by a.step, a.variant collate "C"),
      '[]') from arms a),
    'faults', (select jsonb_build_object('events', coalesce(sum(f.faults), 0), 'example', min(f.fault)) || case when sum(f.faults) > 0
        then jsonb_build_object('byVariant', jsonb_object_agg(f.variant, f.faults) filter (where f.faults > 0)) else '{}' end
      from (select u.variant, sum(u.faults) as faults, min(u.fault) as fault from unit u group by 1) f))
  into result;
  return result;
end
$$;
revoke execute on function nunchi.ramp_summary(jsonb) from public;
grant execute on function nunchi.ramp_summary(jsonb) to nunchi_app;

-- A ramp as it is told: { id, projectId, environment, kind, key, experiment, revision, plan, state, step, reason, turn,
-- actor, startedAt, updatedAt, endedAt, now, steps: [{ step, coverage, number, startedAt, endedAt }], looks: [{ look, step,
-- progress, tests, decision, at }] }. Times in ms. Part of the functions on ramps.
create or replace function nunchi.ramp_told(wanted uuid) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('id', r.id, 'projectId', r.project_id, 'environment', r.environment, 'kind', r.kind,
    'key', r.key, 'experiment', r.experiment, 'revision', r.revision, 'plan', r.plan, 'state', r.state, 'step', r.step,
    'reason', r.reason, 'turn', r.turn, 'actor', r.actor,
    'startedAt', floor(extract(epoch from r.started_at) * 1000), 'updatedAt', floor(extract(epoch from r.updated_at) * 1000),
    'endedAt', floor(extract(epoch from r.ended_at) * 1000), 'now', floor(extract(epoch from clock_timestamp()) * 1000),
    'steps', (select coalesce(jsonb_agg(jsonb_build_object('step', s.step, 'coverage', s.coverage, 'number', s.config_number,
      'startedAt', floor(extract(epoch from s.started_at) * 1000), 'endedAt', floor(extract(epoch from s.ended_at) * 1000))
      order by s.step), '[]') from nunchi.ramp_steps s
      where s.project_id = r.project_id and s.environment = r.environment and s.ramp = r.id),
    'looks', (select coalesce(jsonb_agg(jsonb_build_object('look', l.look, 'step', l.step, 'progress', l.progress,
      'tests', l.tests, 'decision', l.decision, 'at', floor(extract(epoch from l.looked_at) * 1000)) order by l.look), '[]')
      from nunchi.ramp_looks l
      where l.project_id = r.project_id and l.environment = r.environment and l.ramp = r.id))
  from nunchi.ramps r where r.id = wanted
$$;
revoke execute on function nunchi.ramp_told(uuid) from public;

-- Each unit that a ramp compares with what it came to on a metric by `ends`: value and denominator. From the sums that
-- prepare_results() keeps of each unit, where they are whole for this metric, else from raw events. Part of ramp_summary(),
-- which has brought the kept ones up to date.
create or replace function nunchi.ramp_units(one nunchi.ramps, plan jsonb, ends timestamptz)
returns table (variant text, multiple boolean, assigned_at timestamptz, y numeric, b numeric, faults bigint, fault text)
language plpgsql stable set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  kind constant text := plan ->> 'kind';
  cap constant numeric := plan ->> 'cap';
  tracked nunchi.result_trackers;
  kept integer;
begin
  select t.* into tracked from nunchi.result_trackers t
  where t.project_id = one.project_id and t.environment = one.environment and t.experiment = one.experiment
    and t.revision = one.revision and t.built is null and t.until is null;
  -- As summarize_kept() has it.
  select m.id into kept from nunchi.result_metrics m
  where m.tracker = tracked.id and m.plan = ramp_units.plan and m.ready
    and not exists (select from nunchi.metric_parts p where p.id = any (m.parts) and p.filled_from > tracked.first_at
      - make_interval(secs => coalesce((m.plan ->> 'beforeMs')::float8, 0) / 1000));
  if kept is not null then
    return query
    select r.variant, r.multiple, r.assigned_at, coalesce(m.y, 0), coalesce(m.b, 0), coalesce(m.faults, 0)::bigint, m.fault
    from nunchi.result_units r
    left join lateral (select n.* from unnest(r.moments) n where n.metric = kept order by n.day desc limit 1) m on true
    where r.tracker = tracked.id and r.assigned_at >= one.started_at;
    return;
  end if;
  return query
  select u.variant, u.multiple, u.assigned_at,
    coalesce(case when kind in ('share', 'retention') then (u.a > 0)::integer::numeric
      when u.a is not null then least(u.a, cap) end, 0), coalesce(u.b, 0), u.faults, u.fault
  from nunchi.metric_units(one.project_id, one.environment, one.experiment, one.revision, plan,
    make_interval(secs => coalesce((plan ->> 'fromMs')::float8, 0) / 1000),
    make_interval(secs => (plan ->> 'windowMs')::float8 / 1000), interval '0', ends) u
  where u.assigned_at >= one.started_at;
end
$$;
revoke execute on function nunchi.ramp_units(nunchi.ramps, jsonb, timestamptz) from public;

-- The events of a project that occurred in a span and whose effects are written, straight from the table, with what
-- recount() needs of them. It shares no code with process(): what one of them gets wrong, the other shows.
create or replace function nunchi.raw_events(project uuid, since timestamptz, until timestamptz)
returns table (id uuid, environment text, type text, name text, occurred_at timestamptz, day date, minute timestamptz,
  anonymous_id text, user_id text, session_id text, group_id text, previous_id text, counted boolean, page_url text,
  page_referrer text, properties jsonb, context jsonb, conversion text, feature text, currency text, amount numeric)
language plpgsql stable set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  return query
  with waiting as materialized (
    select u.id from nunchi.event_processing_queue q, unnest(q.project_ids, q.event_ids) u (project_id, id)
    where q.processing_status <> 'done' and u.project_id = project
  )
  select e.id, e.environment, e.type, e.name, e.occurred_at, local.day, to_timestamp(60 * floor(
      extract(epoch from e.occurred_at) / 60)), e.anonymous_id, e.user_id, e.session_id, e.group_id, e.previous_id,
    not (e.bot or e.internal or (e.sdk = 'nunchi-cli' and e.name = 'nunchi verify')), e.page_url, e.page_referrer,
    e.properties, e.context, goal.conversion, goal.feature, goal.currency, goal.amount
  from nunchi.projects p
  join nunchi.analytics_events e on e.project_id = p.id
  cross join lateral (select date(timezone(p.timezone, e.occurred_at)) as day) local
  left join lateral (
    select
      left(coalesce(
        case when pg_catalog.jsonb_typeof(e.properties -> 'conversion') = 'string'
          then nullif(e.properties ->> 'conversion', '') end,
        case when e.properties @> '{"conversion": true}' then e.name end,
        case when e.name = any ('{Order Completed,Signed Up,Subscription Started}')
          and coalesce(jsonb_typeof(e.properties -> 'conversion'), '') not in ('string', 'boolean') then e.name end),
        200) as conversion,
      left(coalesce((select f #>> '{}' from jsonb_path_query(e.properties, '$.feature') f
          where jsonb_typeof(f) = 'string' and f <> '""'),
        case when e.name = any ('{prompt_usage,tool_interactions,workflow_completions}') then e.name end),
        200) as feature,
      round(money.value, 6) as amount,
      case when money.value is null then null
        when length(e.properties ->> 'currency') > 0 and e.properties ->> 'currency' !~ '^[a-zA-Z]{3}$' then 'XXX'
        else coalesce(nullif(upper((e.properties ->> 'currency') collate "C"), ''), 'USD') end as currency
    from (select 1) once
    left join lateral (
      select r::numeric as value from (select btrim(e.properties ->> 'revenue', E' \t\n\r\v\f') as r,
        jsonb_typeof(e.properties -> 'revenue') as t offset 0) x
      where case when t = 'number' or t = 'string' and r ~ '^[+-]?[0-9]{1,15}(\.[0-9]{1,20})?$'
        then abs(r::numeric) < 1e15 else false end) money on true
  ) goal on e.type = 'track'
  where p.id = project and e.occurred_at >= since and e.occurred_at < until
    and (e.clock_suspect
      or e.id >= nunchi.uuid_floor(greatest(since - interval '48 hours', 'epoch'))
      and e.id < nunchi.uuid_floor(until + interval '49 hours'))
    and e.id not in (select w.id from waiting w);
end
$$;
revoke execute on function nunchi.raw_events(uuid, timestamptz, timestamptz) from public;

-- { projectId, environment, kind, key } → { ramp, metrics }: the newest ramp of a flag or experiment as ramp_told() tells it,
-- null where it never had one, and what guardrails there are, as list_metrics(). Run by the owner, and for keys by
-- read_ramp_by_key().
create or replace function nunchi.read_ramp(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('ramp', (
      select nunchi.ramp_told(r.id) from nunchi.ramps r
      where r.project_id = (args ->> 'projectId')::uuid and r.environment = args ->> 'environment'
        and r.kind = args ->> 'kind' and r.key = args ->> 'key'
      order by r.started_at desc limit 1),
    'metrics', nunchi.list_metrics(jsonb_build_object('projectId', args ->> 'projectId')))
$$;
revoke execute on function nunchi.read_ramp(jsonb) from public;

-- { keyHash, … } → as read_ramp(), or { error: 'key_unknown' | 'key_not_allowed' }: project, environment and actor are the
-- key's, which needs the scope config:read or config:write.
create or replace function nunchi.read_ramp_by_key(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:read', 'config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.read_ramp(args || key);
end
$$;
revoke execute on function nunchi.read_ramp_by_key(jsonb) from public;
grant execute on function nunchi.read_ramp_by_key(jsonb) to nunchi_app;

-- Which projects the login that asks may read; by who logged in, since a setting or `set role` is anyone's.
-- In a policy write `= any (array (select nunchi.reader_projects()))`: that form runs once a query.
create or replace function nunchi.reader_projects() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select g.project_id from nunchi.reader_grants g where g.role_name = session_user
$$;
revoke execute on function nunchi.reader_projects() from public;
grant execute on function nunchi.reader_projects() to nunchi_reader;

-- { keyHash, anonymousId, limit } → a visitor's newest events of the key's project, newest first:
-- [{ id, type, name, occurredAt, receivedAt, properties }], times in ms, at most 200. Looks among the
-- project's newest 10,000 events: no index by visitor exists, because it would cost every insert.
create or replace function nunchi.recent_events(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'type', e.type, 'name', e.name,
      'occurredAt', floor(extract(epoch from e.occurred_at) * 1000)::bigint,
      'receivedAt', floor(extract(epoch from e.received_at) * 1000)::bigint,
      'properties', e.properties) order by e.id desc), '[]')
  from (
    select newest.*
    from nunchi.api_keys k, lateral (
      select * from nunchi.analytics_events a where a.project_id = k.project_id order by a.id desc limit 10000
    ) newest
    where k.hash = args ->> 'keyHash' and k.revoked_at is null
      and newest.anonymous_id = args ->> 'anonymousId'
    order by newest.id desc
    limit least(greatest(coalesce((args ->> 'limit')::integer, 50), 0), 200)
  ) e
$$;
revoke execute on function nunchi.recent_events(jsonb) from public;
grant execute on function nunchi.recent_events(jsonb) to nunchi_app;

-- { keyHash, anonymousId? | userId?, types?, list? = 'user', context?, limit? = 10, exclude?, includeSeen?, country?,
-- deviceClass?, explained? (whether insights may ask about the lists) } → Recommendations (packages/protocol), or { error: 'key_unknown' | 'key_not_allowed' | 'unknown_list' |
-- 'unknown_type', types? }. `userId` is one that the caller has verified: it is answered from all of the person's devices,
-- an anonymousId from its own events alone. A server key needs the scope recommendations:read. What fails because of
-- the data is counted in recommendation_errors, and answered by empty lists with the reason `error`.
create or replace function nunchi.recommend(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key nunchi.api_keys;
  at text;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind = 'srv' and key.scopes <> '{}' and not key.scopes && array['recommendations:read'] then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  begin
    return nunchi.recommendations_of(key.project_id, key.environment, args);
  exception when others then
    -- A lock, a full disk, a lost server: the caller tries again.
    if sqlstate !~ '^(?:21|22|23|42|54|P0|XX)' then
      raise;
    end if;
    insert into nunchi.recommendation_errors as e (project_id, environment, hour, code, errors, message)
    values (key.project_id, key.environment, date_trunc('hour', now(), 'UTC'), sqlstate, 1, left(sqlerrm, 500))
    on conflict (project_id, environment, hour, code) do update set errors = e.errors + 1, message = excluded.message;
  end;
  at := to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  return jsonb_build_object('generated_at', at, 'expires_at', at, 'neighbors', '{}'::jsonb,
    'recommendations', (select coalesce(jsonb_object_agg(t, jsonb_build_object('recommendationId', gen_random_uuid(),
      'list', coalesce(args ->> 'list', 'user'), 'items', '[]'::jsonb, 'reason', 'error')), '{}')
      from jsonb_array_elements_text(case jsonb_typeof(args -> 'types') when 'array' then args -> 'types' else '[]' end) t));
end
$$;
revoke execute on function nunchi.recommend(jsonb) from public;
grant execute on function nunchi.recommend(jsonb) to nunchi_app;

-- What each list is chosen from, best first: one statement from the visitor's history to the reason of each item. Part of
-- recommend(). `seed` is the item that says most for it, `part` how much of all that is said. An item that was seen,
-- dismissed or excluded, or stands in the context, is no candidate. In plpgsql,
-- whose plans are kept: before Postgres 18 SQL plans anew at each call.
create or replace function nunchi.recommend_candidates(project uuid, env text, types text[], list text,
  actors nunchi.actor[], context text[], excluded text[], again boolean, segments text[], most integer, said jsonb)
returns setof nunchi.candidate
language plpgsql stable rows 200 set search_path = '' set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set plan_cache_mode = force_generic_plan as $$
begin
  return query with history as materialized (
    select h.item, max(h.v) as v
    from unnest(actors) a
    cross join lateral (
      select i.item, i.weight, ln(1 + least(i.weight, (said ->> 'cap')::numeric))::double precision
        * power(2::double precision, greatest(extract(epoch from i.last_at - now()) / 86400
          / (said ->> 'halfLifeDays')::double precision, -300)) as v, (i.dismissed_at < i.last_at) is not false as liked
      from nunchi.interactions i
      where i.project_id = project and i.environment = env and i.actor = a.id and i.by_user = a.by_user
        and list in ('user', 'contextual')
      order by i.last_at desc, i.item desc limit 50) h
    where h.weight > 0 and h.liked
    group by h.item order by 2 desc, 1 limit 20
  ), seeds as materialized (
    select s.item, max(s.weight) as weight,
      case when exists (select from nunchi.recommendation_models m where m.project_id = project and m.environment = env
          and m.source = 'ease')
        and exists (select from nunchi.item_neighbors n where n.project_id = project and n.environment = env
          and n.item = s.item and n.source = 'ease') then 'ease' else 'cf' end as source
    from (
      select h.item, h.v / (select max(m.v) from history m) * case list when 'user' then 1 else 0.15 end as weight from history h
      union all
      select c, 1 from unnest(context) c where list in ('contextual', 'similar')
    ) s group by s.item
  ), near as (
    -- Of cf those count that have the seed in their own lists: a list of what is popular everywhere would not do.
    select n.item as neighbor, s.item, 'cf' as source, s.weight * n.similarity as part
    from seeds s
    cross join lateral (
      select n.item, n.similarity from nunchi.item_neighbors n
      where n.project_id = project and n.environment = env and n.neighbor = s.item and n.source = 'cf' and s.source = 'cf'
      order by n.similarity desc, n.item limit greatest(2000 / (select count(*) from seeds), 100)) n
    union all
    select n.neighbor, s.item, n.source, s.weight * n.similarity
    from seeds s
    cross join lateral (
      (select n.neighbor, n.source, n.similarity from nunchi.item_neighbors n
        where n.project_id = project and n.environment = env and n.item = s.item and n.source = 'ease' and s.source = 'ease'
        order by n.similarity desc, n.neighbor limit 100)
      union all
      (select n.item, n.source, n.similarity * 0.3 from nunchi.item_neighbors n
        where n.project_id = project and n.environment = env and n.neighbor = s.item and n.source = 'content'
        order by n.similarity desc, n.item limit 30)) n
  ), summed as (
    select t.item, t.score, t.best[1][1] as seed, t.best[1][2] as source, t.part
    from (
      select n.neighbor as item, sum(n.part) as score, array_agg(array[n.item, n.source] order by n.part desc, n.item) as best,
        max(n.part) / sum(n.part) as part
      from near n where n.part > 0 group by n.neighbor order by 2 desc, 1 limit 200 + most) t
    where not exists (
      select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
        and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = t.item
        and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x)
  ), liked as (
    select t.type, p.item, power(2::double precision, greatest(p.score - max(p.score) over (partition by t.type, s.segment), -300))
      * case when s.segment = '' then 1 else 0.5 end as score
    from unnest(types) t (type)
    cross join unnest(array[''] || segments) s (segment)
    cross join lateral (
      select p.item, p.score from nunchi.item_popularity p
      where p.project_id = project and p.environment = env and p.type = t.type and p.segment = s.segment
        and not exists (
          select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
            and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = p.item
            and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x)
      order by p.score desc, p.item limit 30 + most) p
  ), newest as (
    select n.id as item
    from unnest(types) t (type)
    cross join lateral (
      select i.id from nunchi.items i
      where i.project_id = project and i.environment = env and i.type = t.type and i.deleted_at is null and i.available
        and not exists (
          select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
            and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = i.id
            and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x)
      order by i.created_at desc, i.id limit case when said -> 'rules' = '[]' then 10 + most else 400 end) n
    union all
    select r.pin from (
      select jsonb_array_elements_text(r -> 'pin') as pin from jsonb_array_elements(said -> 'rules') r where r ? 'pin') r
    where not exists (
      select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
        and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = r.pin
        and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x)
  ), pool as (
    select p.item, sum(p.near) as near, sum(p.popular) as popular, max(p.seed) as seed, max(p.source) as source, max(p.part) as part
    from (
      select s.item, s.score as near, null::double precision as popular, s.seed, s.source, s.part from summed s
      union all select l.item, null, l.score, null, null, null from liked l
      union all select n.item, null, null, null, null, null from newest n
    ) p
    where p.item <> all (context) and p.item <> all (excluded) group by p.item
  ), standing as (
    -- Rounded: sums of the same numbers differ in their last digits from call to call, and what is equal keeps its order.
    select i.type, i.id, round(p.near / max(p.near) over (partition by i.type) * 1e9) / 1e9 as near,
      round(p.popular / max(p.popular) over (partition by i.type) * 1e9) / 1e9 as popular, p.seed, p.source, p.part,
      i.created_at > now() - make_interval(days => (said ->> 'newDays')::integer) as fresh,
      i.created_at, i.title, i.url, i.image, i.tags, i.attributes
    from pool p
    cross join lateral (select * from nunchi.items i where i.project_id = project and i.environment = env and i.id = p.item offset 0) i
    where i.deleted_at is null and i.available and i.type = any (types)
  ), knowing as (
    -- Popularity weighs 0.9 of what neighbors do where one item is known, less the more are; EASE knows by itself what
    -- is popular. Learned on validation splits (docs/guide/recommendations.md).
    select case when list = 'trending' or list = 'user' and count(*) = 0 then 0 when list <> 'user' then 0.9
      when exists (select from seeds s where s.source = 'ease') then 1 / (1 + power(count(*)::double precision, -1.3))
      else 1 / (1 + 0.9 * power(count(*)::double precision, -0.6)) end as known
    from history
  )
  select s.type, s.id, k.known * coalesce(s.near, 0) + (1 - k.known) * coalesce(s.popular, 0), s.near, s.popular, k.known,
    s.seed, s.source, s.part, s.fresh, s.title, s.url, s.image, s.tags, s.attributes
  from standing s cross join knowing k
  order by 1, 3 desc, s.created_at desc, s.id;
end
$$;
revoke execute on function nunchi.recommend_candidates(uuid, text, text[], text, nunchi.actor[], text[], text[], boolean,
  text[], integer, jsonb) from public;

-- { projectId, environment, … } → as recommend(). Run by the owner.
create or replace function nunchi.recommend_for(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  select nunchi.recommendations_of((args ->> 'projectId')::uuid, args ->> 'environment', args)
$$;
revoke execute on function nunchi.recommend_for(jsonb) from public;

-- The settings of recommendations where a project says nothing else; what each means stands in
-- docs/guide/recommendations.md. A name in `events` means a kind, and a kind weighs.
create or replace function nunchi.recommendation_defaults() returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb '{
    "events": {
      "Item Viewed": "view", "Product Viewed": "view",
      "Item Clicked": "click", "Product Clicked": "click", "Recommendation Clicked": "click",
      "Item Added": "add", "Product Added": "add", "prompt_usage": "add", "tool_interactions": "add",
      "Item Liked": "like", "Item Saved": "like", "Product Liked": "like", "Product Saved": "like",
      "Product Added to Wishlist": "like",
      "Order Completed": "buy", "Item Completed": "buy", "workflow_completions": "buy",
      "Item Dismissed": "dismiss", "Product Dismissed": "dismiss", "Item Removed": "dismiss",
      "Product Removed": "dismiss"
    },
    "weights": { "view": 1, "click": 2, "add": 3, "like": 3, "buy": 5 },
    "cap": 10, "halfLifeDays": 30, "popularityHalfLifeDays": 7, "networkCap": 1.5, "shrinkage": 5,
    "newDays": 14, "explore": true, "diversity": 0.1, "cacheSeconds": 300,
    "preferences": ["brand", "category"], "rules": []
  }'
$$;
revoke execute on function nunchi.recommendation_defaults() from public;

-- { keyHash, … } → as recommendation_settings_of(), or { error: 'key_unknown' | 'key_not_allowed' }: project and environment are the
-- key's, which needs the scope config:read or config:write.
create or replace function nunchi.recommendation_settings_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:read', 'config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.recommendation_settings_of(args || key);
end
$$;
revoke execute on function nunchi.recommendation_settings_by_key(jsonb) from public;
grant execute on function nunchi.recommendation_settings_by_key(jsonb) to nunchi_app;

-- The settings in force: what the project's environment says, over the defaults; of events and weights name by name.
create or replace function nunchi.recommendation_settings_in(project uuid, env text) returns jsonb
language sql stable set search_path = '' as $$
  select d.base || coalesce(s.definition, '{}') || jsonb_build_object(
    'events', d.base -> 'events' || coalesce(s.definition -> 'events', '{}'),
    'weights', d.base -> 'weights' || coalesce(s.definition -> 'weights', '{}'))
  from (select nunchi.recommendation_defaults() as base) d
  left join nunchi.recommendation_settings s on s.project_id = project and s.environment = env
$$;
revoke execute on function nunchi.recommendation_settings_in(uuid, text) from public;

-- { projectId, environment } → { definition, settings }: what the project says, or null, and what is in force. Run by
-- the owner.
create or replace function nunchi.recommendation_settings_of(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('settings', nunchi.recommendation_settings_in((args ->> 'projectId')::uuid, args ->> 'environment'),
    'definition', (select s.definition from nunchi.recommendation_settings s
      where s.project_id = (args ->> 'projectId')::uuid and s.environment = args ->> 'environment'))
$$;
revoke execute on function nunchi.recommendation_settings_of(jsonb) from public;

-- What recommend() answers, within a project's environment. Part of recommend() and recommend_for().
create or replace function nunchi.recommendations_of(project uuid, env text, ask jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  said constant jsonb := nunchi.recommendation_settings_in(project, env);
  list constant text := coalesce(ask ->> 'list', 'user');
  most constant integer := least(greatest(coalesce((ask ->> 'limit')::integer, 10), 1), 100);
  again constant boolean := coalesce((ask ->> 'includeSeen')::boolean, false);
  known constant text[] := array(select unnest(nunchi.catalog_types(project, env))
    union select jsonb_array_elements_text(coalesce(said -> 'types', '[]')) order by 1);
  wanted text[] := coalesce(array(select jsonb_array_elements_text(ask -> 'types')), '{}');
  person constant text := case when ask ->> 'userId' <> '' then nunchi.person_of(project, ask ->> 'userId', null) end;
  visitor text := coalesce(person, ask ->> 'anonymousId', '');
  keeper text;
  question text;
  actors nunchi.actor[] := '{}';
  segments constant text[] := array_remove(array['country:' || (ask ->> 'country'), 'device:' || (ask ->> 'deviceClass')], null);
  excluded constant text[] := coalesce(array(select jsonb_array_elements_text(ask -> 'exclude') limit 1000), '{}');
  seconds constant integer := (said ->> 'cacheSeconds')::integer;
  context text[];
  candidates nunchi.candidate[] := '{}';
  one nunchi.candidate[];
  kind text;
  items jsonb;
  lists jsonb := '{}';
  answer jsonb;
begin
  if list not in ('user', 'contextual', 'similar', 'trending') then
    return jsonb_build_object('error', 'unknown_list', 'lists', array['user', 'contextual', 'similar', 'trending']);
  end if;
  if exists (select from unnest(wanted) w where w <> all (known)) then
    return jsonb_build_object('error', 'unknown_type', 'types', known);
  end if;
  wanted := (case when wanted = '{}' then known else wanted end)[:10];
  if person is not null then
    actors := nunchi.actors_of(project, person);
  elsif visitor <> '' then
    actors := array[row(visitor, false)::nunchi.actor];
  end if;
  if not exists (select from unnest(actors) a join nunchi.interactions i on i.project_id = project and i.environment = env
    and i.actor = a.id and i.by_user = a.by_user)
  then
    -- Strangers come in any number: of them all eight answers are kept, which differ in the new item.
    actors := '{}';
    visitor := 'stranger ' || (hashtext(visitor) & 7);
  end if;
  keeper := case when actors = '{}' then '' else visitor end;
  if seconds > 0 and excluded = '{}' then
    question := encode(sha256(convert_to(jsonb_build_array(list, wanted, ask -> 'context', most, again, segments, visitor,
      (select c.version from nunchi.recommendation_catalogs c where c.project_id = project and c.environment = env))::text,
      'UTF8')), 'hex');
    select k.answer into answer from nunchi.recommendation_cache k
    where k.project_id = project and k.environment = env and k.actor = keeper and k.by_user = (person is not null)
      and k.cache_key = question and k.expires_at > clock_timestamp();
    if found then
      return answer;
    end if;
  end if;

  context := nunchi.context_items(project, env, ask -> 'context');
  if list <> 'similar' or context <> '{}' then
    candidates := array(select c from nunchi.recommend_candidates(project, env, wanted, list, actors, context, excluded,
      again, segments, most, said) c);
  end if;
  foreach kind in array wanted loop
    one := array(select c::nunchi.candidate from unnest(candidates) c where c.type = kind);
    one := nunchi.ruled_candidates(one, list, said -> 'rules');
    items := case when one <> '{}' then nunchi.choose_items(project, env, one, list, most, visitor, said) end;
    lists := lists || jsonb_build_object(kind, jsonb_build_object('recommendationId', gen_random_uuid(), 'list', list,
        'items', coalesce(items, '[]'))
      || case when items is not null then '{}' else jsonb_build_object('reason',
        case when list = 'similar' and context = '{}' then 'unknown_item'
          else nunchi.why_empty(project, env, kind, list, actors, again, said) end) end);
  end loop;
  answer := jsonb_build_object('recommendations', lists,
    'generated_at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'expires_at', to_char((clock_timestamp() + make_interval(secs => seconds)) at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'neighbors', nunchi.neighbors_of(project, env, array(
      select n.id from (
        select i ->> 'id' as id, 0 as rank, i.n from jsonb_each(lists) l
        cross join jsonb_array_elements(l.value -> 'items') with ordinality i (i, n)
        union all
        (select h.item, 1, row_number() over (order by h.last_at desc) from unnest(actors) a
        cross join lateral (select i.item, i.last_at from nunchi.interactions i where i.project_id = project
          and i.environment = env and i.actor = a.id and i.by_user = a.by_user order by i.last_at desc, i.item desc limit 10) h)
      ) n group by n.id order by min(n.rank), min(n.n) limit 50)));
  if (ask ->> 'explained')::boolean then
    perform nunchi.keep_explained(project, env, keeper, person is not null, lists);
  end if;
  if question is not null then
    perform nunchi.keep_answer(project, env, question, keeper, person is not null, answer, seconds);
  end if;
  return answer;
end
$$;
revoke execute on function nunchi.recommendations_of(uuid, text, jsonb) from public;

-- { projectId?, from?, to?, repair?, limit? = 200 } → [{ projectId, project, from, to, events, waiting, differences,
-- rows: [{ area, place, expected, found }] }]: compares what processing wrote with the raw events, project by
-- project, and names each difference up to the limit. `from` and `to` are days of the project's zone, `to` included;
-- without them all that there is, back to where retention leaves events. Events that wait in the queue count nowhere.
-- `repair` writes those days anew, and answers the differences that were there before; processing pauses meanwhile.
create or replace function nunchi.recount(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  repair constant boolean := coalesce((args ->> 'repair')::boolean, false);
  most constant integer := least(greatest(coalesce((args ->> 'limit')::integer, 200), 0), 10000);
  project nunchi.projects;
  first_day date;
  last_day date;
  since timestamptz;
  until timestamptz;
  answer jsonb := '[]';
  one jsonb;
begin
  if repair then
    perform pg_advisory_xact_lock(hashtext('nunchi.recount'));
  end if;
  for project in select * from nunchi.projects p
    where args ->> 'projectId' is null or p.id = (args ->> 'projectId')::uuid order by p.name
  loop
    first_day := coalesce((args ->> 'from')::date, '1970-01-02');
    last_day := coalesce((args ->> 'to')::date, '9999-12-01');
    if project.retention_days is not null then
      first_day := greatest(first_day, (now() at time zone project.timezone)::date - project.retention_days + 1);
    end if;
    since := first_day::timestamp at time zone project.timezone;
    until := (last_day + 1)::timestamp at time zone project.timezone;
    select jsonb_build_object('projectId', project.id, 'project', project.name, 'from', first_day, 'to', last_day,
      'events', (select count(*) from nunchi.raw_events(project.id, since, until)),
      'waiting', (select count(*) from nunchi.event_processing_queue q, unnest(q.project_ids) u (id)
        where q.processing_status <> 'done' and u.id = project.id),
      'differences', count(*),
      'rows', coalesce(jsonb_agg(jsonb_build_object('area', d.area, 'place', d.place, 'expected', d.expected,
        'found', d.found) order by d.area, d.place) filter (where d.n <= most), '[]'))
    into one
    from (select r.*, row_number() over (order by r.area, r.place) as n
      from nunchi.recount_differences(project.id, since, until) r) d;
    answer := answer || one;
    if repair then
      perform nunchi.recount_repair(project.id, since, until);
    end if;
  end loop;
  return answer;
end
$$;
revoke execute on function nunchi.recount(jsonb) from public;

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

-- Every row of what processing wrote about a span that is not what the raw events say, by one and the same snapshot.
-- Part of recount(). Minutes are compared as far back as prune() surely left them.
create or replace function nunchi.recount_differences(project uuid, since timestamptz, until timestamptz)
returns table (area text, place text, expected text, found text)
language plpgsql set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  zone constant text := (select p.timezone from nunchi.projects p where p.id = project);
  low constant date := (since at time zone zone)::date;
  high constant date := (until at time zone zone)::date;
  fresh constant timestamptz := greatest(since, date_trunc('minute', now() - interval '7 days', 'UTC'));
begin
  return query
  select 'rollup_' || coalesce(e.grain, f.grain) || 's',
    concat_ws(' ', coalesce(e.environment, f.environment), coalesce(e.bucket, f.bucket), coalesce(e.kind, f.kind),
      coalesce(e.name, f.name)),
    concat_ws(' / ', e.events, trim_scale(e.amount)), concat_ws(' / ', f.events, trim_scale(f.amount))
  from (select * from nunchi.recount_counts(project, since, until) c
    where c.grain = 'day' or c.bucket::timestamptz >= fresh) e
  full join (
    select 'day' as grain, r.environment, r.day::text as bucket, r.kind, r.name, sum(r.events) as events,
      sum(r.amount) as amount
    from nunchi.rollup_days r where r.project_id = project and r.day >= low and r.day < high group by 2, 3, 4, 5
    union all
    select 'minute', r.environment, r.minute::text, r.kind, r.name, sum(r.events), sum(r.amount)
    from nunchi.rollup_minutes r where r.project_id = project and r.minute >= fresh and r.minute < until
    group by 2, 3, 4, 5
  ) f using (grain, environment, bucket, kind, name)
  where (e.events, e.amount) is distinct from (f.events, f.amount);

  return query
  select case coalesce(e.grain, f.grain) when 'day' then 'daily_visitors' else 'minute_visitors' end,
    concat_ws(' ', coalesce(e.environment, f.environment), coalesce(e.bucket, f.bucket),
      coalesce(e.anonymous_id, f.anonymous_id), coalesce(e.user_id, f.user_id)),
    case when e.grain is null then '' else 'a row' end, case when f.grain is null then '' else 'a row' end
  from (select * from nunchi.recount_visitors(project, since, until) c
    where c.grain = 'day' or c.bucket::timestamptz >= fresh) e
  full join (
    select 'day' as grain, v.environment, v.day::text as bucket, v.anonymous_id, v.user_id
    from nunchi.daily_visitors v where v.project_id = project and v.day >= low and v.day < high
    union all
    select 'minute', v.environment, v.minute::text, v.anonymous_id, v.user_id
    from nunchi.minute_visitors v where v.project_id = project and v.minute >= fresh and v.minute < until
  ) f using (grain, environment, bucket, anonymous_id, user_id)
  where e.grain is null or f.grain is null;

  return query
  select 'sessions', coalesce(e.session_id, f.session_id), (to_jsonb(e) - 'project_id')::text,
    (to_jsonb(f) - 'project_id')::text
  from nunchi.recount_sessions(project, since, until) e
  full join (
    select * from nunchi.sessions s where s.project_id = project and s.ended_at >= since and s.started_at < until
  ) f on f.session_id = e.session_id
  -- Of a visit that reaches beyond the span not all events are here.
  where e is distinct from f and (f.session_id is null or f.started_at >= since and f.ended_at < until);

  return query
  select coalesce(e.area, f.area), array_to_string(coalesce(e.place, f.place), ' '),
    concat_ws(' ', e.fact, e.at, e.event), concat_ws(' ', f.fact, f.at, f.event)
  from nunchi.recount_people(project, since, until) e
  full join (
    select 'identities' as area, array[i.anonymous_id] as place, to_jsonb(i.user_id) as fact, i.linked_at as at,
      i.event_id as event from nunchi.identities i where i.project_id = project
    union all
    select 'aliases', array[a.previous_id], to_jsonb(a.user_id), a.linked_at, a.event_id
    from nunchi.aliases a where a.project_id = project
    union all
    select 'traits', array[t.kind, t.subject, t.key], t.value, t.set_at, t.event_id
    from nunchi.traits t where t.project_id = project
  ) f using (area, place)
  -- What an event outside of the span said is right where it came before (of traits: after) all that lie within.
  where (e.area is not null and (f.area is null
      or case e.area when 'traits' then (f.at, f.event) < (e.at, e.event) else (f.at, f.event) > (e.at, e.event) end))
    or (f.at >= since and f.at < until and (e.fact, e.at, e.event) is distinct from (f.fact, f.at, f.event));

  return query
  select coalesce(e.area, f.area), array_to_string(coalesce(e.place, f.place), ' '),
    concat_ws(' ', e.fact, e.at, e.event), concat_ws(' ', f.fact, f.at, f.event)
  from (select * from nunchi.recount_experiments(project, since) x where x.area <> 'experiment_failure') e
  full join nunchi.experiment_rows(project) f using (area, place)
  -- A first exposure before the span is right, and says of what lies within it only whether variants differ.
  where (e.area is not null and (f.area is null or (f.at, f.event) > (e.at, e.event)
      or f.at < since and not (f.fact ->> 'multiple')::boolean
        and ((e.fact ->> 'multiple')::boolean or e.fact ->> 'variant' <> f.fact ->> 'variant')))
    -- Later than that the raw events are not read.
    or (f.at >= since and f.at < '9999-12-02' and (e.fact, e.at, e.event) is distinct from (f.fact, f.at, f.event));

  -- Of all that there is, and no part of it, what experiments came to.
  if since <= '1970-01-03' and until > '9999-01-01' then
    return query
    select r.area, array_to_string(r.place, ' '), r.expected, r.found from nunchi.recount_results(project) r
    where r.expected <> r.found;
  end if;
end
$$;
revoke execute on function nunchi.recount_differences(uuid, timestamptz, timestamptz) from public;

-- What experiment_assignments and experiment_conversions should hold because of the events since a moment, and the
-- exposures and conversions that could not be counted, with why (`area` is experiment_failure). `place` names the
-- row, `fact` what it says. Part of recount(), and without any of process()'s code. Paths are strict: a lax one looks into lists. Whether a unit saw two variants
-- shows only in all that came after, so there is no upper end.
create or replace function nunchi.recount_experiments(project uuid, since timestamptz)
returns table (area text, place text[], fact jsonb, at timestamptz, event uuid, day date)
language sql stable set search_path = '' set jit = off as $$
  with r as materialized (
    select e.*, e.properties ->> 'experiment' as experiment, e.properties ->> 'variant' as variant,
      e.properties ->> 'unit' as unit, e.properties ->> 'attribute' as attribute,
      e.properties ->> 'configVersion' as version, e.properties ->> 'rule' as rule, e.properties ->> 'metric' as metric,
      e.properties ->> 'step' as step
    from nunchi.raw_events(project, since, '9999-12-02') e
    where e.counted and e.type = 'track' and e.name = any ('{Experiment Viewed,Conversion Tracked}')
  ), asked as materialized (
    select distinct environment, version from r
  ), published as materialized (
    -- One row for each variant of each config that an exposure names.
    select distinct a.environment, a.version, x.key as experiment, x.value ->> 'revision' as revision, v ->> 'key' as variant
    from asked a
    join nunchi.config_versions c on c.project_id = project and c.environment = a.environment and c.version = a.version
    left join lateral jsonb_each(c.config -> 'experiments') x on true
    left join lateral jsonb_array_elements(x.value -> 'variants') v on true
  ), exposure as (
    select r.*, case
        when not coalesce(r.properties @? '$ ? (@.experiment.type() == "string" && @.variant.type() == "string"
            && @.unit.type() == "string" && @.attribute.type() == "string" && @.configVersion.type() == "string"
            && @.revision.type() == "number")'
          and (r.properties -> 'rule' is null or r.properties @? 'strict $.rule ? (@ == null || @.type() == "string")')
          and least(length(r.experiment), length(r.variant), length(r.unit), length(r.attribute)) > 0
          and greatest(length(r.experiment), length(r.variant), length(r.attribute), length(r.version),
            length(r.rule)) <= 200
          and length(r.unit) <= 256 and r.properties ->> 'revision' ~ '^[1-9][0-9]{0,8}$', false)
          then 'malformed_exposure'
        when not exists (select from published p where (p.environment, p.version) = (r.environment, r.version))
          then 'unknown_config:' || r.experiment
        when not exists (select from published p where (p.environment, p.version, p.experiment)
          = (r.environment, r.version, r.experiment)) then 'unknown_experiment:' || r.experiment
        when not exists (select from published p where (p.environment, p.version, p.experiment, p.revision)
          = (r.environment, r.version, r.experiment, r.properties ->> 'revision')) then 'unknown_revision:' || r.experiment
        when not exists (select from published p where (p.environment, p.version, p.experiment, p.variant)
          = (r.environment, r.version, r.experiment, r.variant)) then 'unknown_variant:' || r.experiment
      end as fault
    from r where r.name = 'Experiment Viewed'
      and coalesce(r.properties -> 'overridden', 'false') <> 'true'
  ), conversion as (
    select r.*, coalesce(
        r.properties @? 'strict $.metric ? (@.type() == "string" && @ != "")' and length(r.metric) <= 200
        and (r.properties -> 'value' is null or r.properties @? 'strict $.value ? (@ == null || @.type() == "number")')
        and (select coalesce(bool_and(abs(n::text::numeric) < 1e15), true)
          from jsonb_path_query(r.properties, 'strict $.value ? (@.type() == "number")', silent => true) n)
        and (r.properties -> 'step' is null or r.properties @? 'strict $.step ? (@ == null || @.type() == "string")')
        and (r.step is null or length(r.step) <= 200), false) as whole
    from r where r.name = 'Conversion Tracked'
  ), unit as (
    select first.*, spread.variants
    from (select x.*, row_number() over (partition by environment, experiment, properties ->> 'revision', unit
        order by occurred_at, id) as n from exposure x where fault is null) first
    join (select environment, experiment, properties ->> 'revision' as revision, unit,
        count(distinct variant) as variants from exposure where fault is null group by 1, 2, 3, 4) spread
      on (spread.environment, spread.experiment, spread.revision, spread.unit)
        = (first.environment, first.experiment, first.properties ->> 'revision', first.unit)
    where first.n = 1
  )
  select 'experiment_assignments', array[u.environment, u.experiment, u.properties ->> 'revision', u.unit],
    jsonb_build_object('attribute', u.attribute, 'variant', u.variant, 'config_version', u.version,
      'rule', nullif(u.rule, ''), 'anonymous_id', u.anonymous_id, 'user_id', u.user_id, 'multiple', u.variants > 1),
    u.occurred_at, u.id, u.day
  from unit u
  union all
  select 'experiment_conversions', array[c.environment, c.id::text], jsonb_build_object('metric', c.metric,
      'value', round((c.properties ->> 'value')::numeric, 6), 'step', nullif(c.step, ''),
      'anonymous_id', c.anonymous_id, 'user_id', c.user_id), c.occurred_at, c.id, c.day
  from conversion c where c.whole
  union all
  select 'experiment_failure', array[x.environment, x.fault], null, x.occurred_at, x.id, x.day
  from exposure x where x.fault is not null
  union all
  select 'experiment_failure', array[c.environment, 'malformed_conversion'], null, c.occurred_at, c.id, c.day
  from conversion c where not c.whole
$$;
revoke execute on function nunchi.recount_experiments(uuid, timestamptz) from public;

-- What identities, aliases and traits should hold because of the events of a span: `place` names the row within
-- its table, `fact` what it says, `at` and `event` when and by which event. Part of recount().
create or replace function nunchi.recount_people(project uuid, since timestamptz, until timestamptz)
returns table (area text, place text[], fact jsonb, at timestamptz, event uuid)
language sql stable set search_path = '' set jit = off as $$
  with r as materialized (select * from nunchi.raw_events(project, since, until))
  select 'identities', array[x.anonymous_id], to_jsonb(x.user_id), x.occurred_at, x.id
  from (select r.*, row_number() over (partition by anonymous_id order by occurred_at, id) as n from r
    where anonymous_id is not null and user_id is not null) x where x.n = 1
  union all
  select 'aliases', array[x.previous_id], to_jsonb(x.user_id), x.occurred_at, x.id
  from (select r.*, row_number() over (partition by previous_id order by occurred_at, id) as n from r
    where type = 'alias' and user_id <> previous_id) x where x.n = 1
  union all
  select 'traits', array[x.kind, x.subject, x.key], x.value, x.occurred_at, x.id
  from (
    select s.kind, s.subject, t.key, t.value, r.occurred_at, r.id,
      row_number() over (partition by s.kind, s.subject, t.key order by r.occurred_at desc, r.id desc) as n
    from r
    cross join lateral (values ('user', coalesce(r.user_id, r.anonymous_id), 'identify'), ('group', r.group_id, 'group'))
      s (kind, subject, type)
    cross join lateral jsonb_each(case when jsonb_typeof(r.properties) = 'object' then r.properties else '{}' end) t
    where r.type = s.type and s.subject is not null and length(t.key) < 201
  ) x where x.n = 1
$$;
revoke execute on function nunchi.recount_people(uuid, timestamptz, timestamptz) from public;

-- Writes anew what processing says about a span, from the raw events. Part of recount(), which sees to it that nobody
-- is processing meanwhile.
create or replace function nunchi.recount_repair(project uuid, since timestamptz, until timestamptz) returns void
language plpgsql set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  zone constant text := (select p.timezone from nunchi.projects p where p.id = project);
  low constant date := (since at time zone zone)::date;
  high constant date := (until at time zone zone)::date;
  fresh constant timestamptz := greatest(since, date_trunc('minute', now() - interval '7 days', 'UTC'));
begin
  delete from nunchi.rollup_days r where r.project_id = project and r.day >= low and r.day < high;
  insert into nunchi.rollup_days (project_id, environment, day, kind, name, shard, events, amount)
  select project, c.environment, c.bucket::date, c.kind, c.name, 0, c.events, c.amount
  from nunchi.recount_counts(project, since, until) c where c.grain = 'day';
  delete from nunchi.rollup_minutes r where r.project_id = project and r.minute >= fresh and r.minute < until;
  insert into nunchi.rollup_minutes (project_id, environment, minute, kind, name, shard, events, amount)
  select project, c.environment, c.bucket::timestamptz, c.kind, c.name, 0, c.events, c.amount
  from nunchi.recount_counts(project, since, until) c where c.grain = 'minute' and c.bucket::timestamptz >= fresh;

  delete from nunchi.daily_visitors v where v.project_id = project and v.day >= low and v.day < high;
  insert into nunchi.daily_visitors (project_id, environment, day, anonymous_id, user_id)
  select project, c.environment, c.bucket::date, c.anonymous_id, c.user_id
  from nunchi.recount_visitors(project, since, until) c where c.grain = 'day';
  delete from nunchi.minute_visitors v where v.project_id = project and v.minute >= fresh and v.minute < until;
  insert into nunchi.minute_visitors (project_id, environment, minute, anonymous_id, user_id)
  select project, c.environment, c.bucket::timestamptz, c.anonymous_id, c.user_id
  from nunchi.recount_visitors(project, since, until) c where c.grain = 'minute' and c.bucket::timestamptz >= fresh;

  delete from nunchi.sessions s where s.project_id = project and s.started_at >= since and s.ended_at < until;
  insert into nunchi.sessions select s.* from nunchi.recount_sessions(project, since, until) s
  on conflict (project_id, session_id) do nothing;

  delete from nunchi.identities i where i.project_id = project and i.linked_at >= since and i.linked_at < until;
  insert into nunchi.identities as i (project_id, anonymous_id, user_id, linked_at, event_id)
  select project, e.place[1], e.fact #>> '{}', e.at, e.event
  from nunchi.recount_people(project, since, until) e where e.area = 'identities'
  on conflict (project_id, anonymous_id) do update
  set user_id = excluded.user_id, linked_at = excluded.linked_at, event_id = excluded.event_id
  where (excluded.linked_at, excluded.event_id) < (i.linked_at, i.event_id);
  delete from nunchi.aliases a where a.project_id = project and a.linked_at >= since and a.linked_at < until;
  insert into nunchi.aliases as a (project_id, previous_id, user_id, linked_at, event_id)
  select project, e.place[1], e.fact #>> '{}', e.at, e.event
  from nunchi.recount_people(project, since, until) e where e.area = 'aliases'
  on conflict (project_id, previous_id) do update
  set user_id = excluded.user_id, linked_at = excluded.linked_at, event_id = excluded.event_id
  where (excluded.linked_at, excluded.event_id) < (a.linked_at, a.event_id);
  delete from nunchi.traits t where t.project_id = project and t.set_at >= since and t.set_at < until;
  insert into nunchi.traits as t (project_id, kind, subject, key, value, set_at, event_id)
  select project, e.place[1], e.place[2], e.place[3], e.fact, e.at, e.event
  from nunchi.recount_people(project, since, until) e where e.area = 'traits'
  on conflict (project_id, kind, subject, key) do update
  set value = excluded.value, set_at = excluded.set_at, event_id = excluded.event_id
  where (excluded.set_at, excluded.event_id) > (t.set_at, t.event_id);

  delete from nunchi.experiment_assignments a where a.project_id = project and a.assigned_at >= since;
  insert into nunchi.experiment_assignments as a (project_id, environment, experiment, revision, unit, attribute,
    variant, config_version, rule, anonymous_id, user_id, assigned_at, event_id, multiple)
  select project, e.place[1], e.place[2], e.place[3]::integer, e.place[4], e.fact ->> 'attribute', e.fact ->> 'variant',
    e.fact ->> 'config_version', e.fact ->> 'rule', e.fact ->> 'anonymous_id', e.fact ->> 'user_id', e.at, e.event,
    (e.fact ->> 'multiple')::boolean
  from nunchi.recount_experiments(project, since) e where e.area = 'experiment_assignments'
  -- What is left was first seen before the span.
  on conflict (project_id, environment, experiment, revision, unit) do update
  set multiple = a.multiple or excluded.multiple or a.variant <> excluded.variant;
  delete from nunchi.experiment_conversions c where c.project_id = project and c.occurred_at >= since;
  insert into nunchi.experiment_conversions (project_id, environment, event_id, metric, value, step, anonymous_id,
    user_id, occurred_at)
  select project, e.place[1], e.event, e.fact ->> 'metric', (e.fact ->> 'value')::numeric, e.fact ->> 'step',
    e.fact ->> 'anonymous_id', e.fact ->> 'user_id', e.at
  from nunchi.recount_experiments(project, since) e where e.area = 'experiment_conversions';

  -- The sums of results are made anew from all that there is.
  update nunchi.metric_parts p set filled_from = 'infinity' where p.project_id = project;
  update nunchi.result_metrics m set ready = false where m.project_id = project;
  delete from nunchi.metric_facts f where f.project_id = project;
  delete from nunchi.result_touches t where t.project_id = project;
  update nunchi.result_trackers t set listed = false, built = '' where t.project_id = project;
  delete from nunchi.result_units u where u.project_id = project;
  delete from nunchi.result_sums s where s.project_id = project;
end
$$;
revoke execute on function nunchi.recount_repair(uuid, timestamptz, timestamptz) from public;

-- What the kept sums of a project's experiments should be by the raw events (`expected`), and what they are, metric by
-- metric and variant by variant. Of metrics that are not whole yet nothing is said. Part of recount().
create or replace function nunchi.recount_results(project uuid)
returns table (area text, place text[], expected text, found text)
language plpgsql set search_path = '' set jit = off as $$
declare
  one record;
  args jsonb;
begin
  for one in
    select t.*, m.id as metric, m.plan from nunchi.result_trackers t join nunchi.result_metrics m on m.tracker = t.id
    where t.project_id = project and m.ready and t.built is null order by t.id, m.id
  loop
    args := jsonb_build_object('projectId', project, 'environment', one.environment, 'experiment', one.experiment,
      'revision', one.revision, 'plan', one.plan, 'until', floor(extract(epoch from one.until) * 1000));
    continue when not nunchi.result_current(project, one.environment);
    return query
    select 'result_sums', array[one.environment, one.experiment, one.revision::text, one.metric::text,
        coalesce(e.v ->> 'variant', f.v ->> 'variant')],
      concat_ws(' ', e.v -> 'units', e.v -> 'multiple', e.v -> 'sums'),
      concat_ws(' ', f.v -> 'units', f.v -> 'multiple', f.v -> 'sums')
    from jsonb_array_elements(nunchi.summarize_raw(args) -> 'variants') e (v)
    full join jsonb_array_elements(nunchi.summarize_kept(args) -> 'variants') f (v) on f.v ->> 'variant' = e.v ->> 'variant';
  end loop;
end
$$;
revoke execute on function nunchi.recount_results(uuid) from public;

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

-- What daily_visitors and minute_visitors should hold of a span. Part of recount().
create or replace function nunchi.recount_visitors(project uuid, since timestamptz, until timestamptz)
returns table (grain text, environment text, bucket text, anonymous_id text, user_id text)
language sql stable set search_path = '' set timezone = 'UTC' set jit = off as $$
  select 'day', e.environment, e.day::text, coalesce(e.anonymous_id, ''), coalesce(e.user_id, '')
  from nunchi.raw_events(project, since, until) e where e.counted
  union
  select 'minute', e.environment, e.minute::text, coalesce(e.anonymous_id, ''), coalesce(e.user_id, '')
  from nunchi.raw_events(project, since, until) e where e.counted
$$;
revoke execute on function nunchi.recount_visitors(uuid, timestamptz, timestamptz) from public;

-- Derives what an actor prefers from the latest 100 items that it had to do with: types, tags and the attributes that
-- the settings name. Part of refresh_recommendations(). The confidence grows with the share of the actor's interest that
-- a value has, and with how many items say so.
create or replace function nunchi.refresh_actor(project uuid, env text, who text, as_user boolean, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  life constant double precision := 86400 * (said ->> 'halfLifeDays')::double precision;
begin
  with latest as materialized (
    select i.item, max(i.last_at) over () as newest, ln(1 + least(i.weight, (said ->> 'cap')::numeric))::double precision
      * power(2::double precision, greatest(extract(epoch from i.last_at - max(i.last_at) over ()) / life, -300)) as v
    from (select * from nunchi.interactions a where a.project_id = project and a.environment = env and a.actor = who
      and a.by_user = as_user order by a.last_at desc, a.item desc limit 100) i
    where i.weight > 0 and (i.dismissed_at < i.last_at) is not false
  ), told as (
    select k.kind, k.value, sum(l.v) / (select sum(a.v) from latest a) * count(*) / (count(*) + 2.0) as confidence,
      max(l.newest) as newest
    from latest l
    cross join lateral (select * from nunchi.items i where i.project_id = project and i.environment = env and i.id = l.item
      offset 0) i
    cross join lateral (
      select 'type' as kind, i.type as value
      union all select 'tag', t from unnest(i.tags) t
      union all select a.name, left(i.attributes ->> a.name, 200)
      from jsonb_array_elements_text(said -> 'preferences') a (name)
      where jsonb_typeof(i.attributes -> a.name) in ('string', 'number', 'boolean')
    ) k
    group by 1, 2
  ), best as (
    select * from (select t.*, row_number() over (partition by t.kind order by t.confidence desc, t.value) as n from told t) r
    where r.n <= 20
  ), gone as (
    delete from nunchi.user_preferences p where p.project_id = project and p.environment = env and p.actor = who
      and p.by_user = as_user and not exists (select from best b where b.kind = p.preference_type and b.value = p.preference_value)
  )
  insert into nunchi.user_preferences as p (project_id, environment, actor, by_user, preference_type, preference_value,
    confidence_score, updated_at)
  select project, env, who, as_user, b.kind, b.value, least(greatest(b.confidence, 0), 1)::real, b.newest from best b
  order by 5, 6
  on conflict (project_id, environment, actor, by_user, preference_type, preference_value) do update
  set confidence_score = excluded.confidence_score, updated_at = excluded.updated_at;
end
$$;
revoke execute on function nunchi.refresh_actor(uuid, text, text, boolean, jsonb) from public;

-- Computes the neighbors of an item by tags and words anew: the cosine of what they have in common, rare things weighing
-- more. Part of refresh_recommendations(), for items that are new or different. What more than 1,000 items have says
-- little about any.
create or replace function nunchi.refresh_content(project uuid, env text, subject text) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  at constant bigint := floor(extract(epoch from clock_timestamp()) * 1000);
  own double precision;
  others text[];
  likeness double precision[];
  takes boolean[];
begin
  with mine as materialized (
    select f.feature, c.items, power(ln(1 + 1000.0 / c.items)::double precision, 2)
      * case when f.feature like 'word:%' then 0.5 else 1 end as weight
    from nunchi.item_features f
    cross join lateral (select count(*) as items from (select from nunchi.item_features o where o.project_id = project
      and o.environment = env and o.feature = f.feature limit 1001) l) c
    where f.project_id = project and f.environment = env and f.item = subject
  ), near as (
    select o.item, sum(m.weight) as shared
    from mine m
    cross join lateral (select * from nunchi.item_features o where o.project_id = project and o.environment = env
      and o.feature = m.feature offset 0) o
    where m.items between 2 and 1000 and o.item <> subject
    group by o.item order by 2 desc, 1 limit 30
  ), weighed as (
    select n.item, least(1, n.shared / sqrt(s.weight * coalesce(t.words, s.weight))) as similarity
    from near n cross join (select sum(m.weight) as weight from mine m) s
    left join lateral (select t.words from nunchi.item_stats t where t.project_id = project and t.environment = env
      and t.item = n.item offset 0) t on true
  )
  select (select sum(m.weight) from mine m), array_agg(w.item order by w.similarity desc, w.item),
    array_agg(w.similarity order by w.similarity desc, w.item), array_agg(not exists (
      -- The thirtieth of the other's list.
      select from (select r.similarity from nunchi.item_neighbors r where r.project_id = project and r.environment = env
        and r.item = w.item and r.source = 'content' order by r.similarity desc offset 29 limit 1) l
      where l.similarity >= w.similarity) order by w.similarity desc, w.item)
  into own, others, likeness, takes from weighed w;

  update nunchi.item_stats t set words = own
  where t.project_id = project and t.environment = env and t.item = subject;
  perform nunchi.write_near(project, env, subject, 'content', coalesce(others, '{}'), likeness,
    array_fill(0::double precision, array[coalesce(cardinality(others), 0)]), takes, at);
end
$$;
revoke execute on function nunchi.refresh_content(uuid, text, text) from public;

-- Computes the cf neighbors and the popularity of an item anew, from the latest 2,000 of those who had to do with it and
-- the latest 100 items of each. Part of refresh_recommendations(). The formula stands in docs/guide/recommendations.md;
-- it is symmetric, so that what changed for this item is written into the lists of its neighbors at once: whatever the
-- order in which items are refreshed, in the end all pairs are right.
-- Who came in a crowd from one network (mark_crowd), or does more than a person does, is not heard.
create or replace function nunchi.refresh_item(project uuid, env text, subject text, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  crowd constant double precision := (said ->> 'networkCap')::double precision;
  shrink constant double precision := (said ->> 'shrinkage')::double precision;
  -- How many seconds a half-life is, and how many half-lives lie between 2026 and now.
  life constant double precision := 86400 * (said ->> 'halfLifeDays')::double precision;
  era constant double precision := (extract(epoch from now()) - 1767225600) / life;
  at constant bigint := floor(extract(epoch from clock_timestamp()) * 1000);
  own double precision;
  people bigint;
  -- Of the others, side by side, nearest first.
  others text[];
  likeness double precision[];
  behind double precision[];
  takes boolean[];
begin
  perform nunchi.mark_crowd(project, env, subject, said);
  select count(*) into people from (
    select from nunchi.interactions i
    where i.project_id = project and i.environment = env and i.item = subject and i.weight > 0
      and (i.dismissed_at < i.last_at) is not false limit 1000000) a;

  with whom as materialized (
    select i.actor, i.by_user, i.network from nunchi.interactions i
    where i.project_id = project and i.environment = env and i.item = subject and i.weight > 0
      and (i.dismissed_at < i.last_at) is not false
      and not exists (select from nunchi.interactions x where x.project_id = project and x.environment = env
        and x.actor = i.actor and x.by_user = i.by_user and (x.crowded or x.loud))
    order by i.last_at desc, i.actor, i.by_user limit 2000
  ), vectors as (
    select h.item, case when h.item < subject then h.network else w.network end as network, w.by_user || w.actor as alone,
      h.v, max(h.v) filter (where h.item = subject) over mine as own,
      4 + width_bucket(count(*) over mine, array[8, 16, 32, 64]::bigint[]) as activity, count(*) over mine as items
    from whom w
    cross join lateral (
      select l.item, l.network, (1 + 0.1 / ln(2::double precision) * ln(least(greatest(l.weight, 1), 8)::double precision))
        * power(2::double precision, greatest(extract(epoch from l.last_at - now())::double precision / life / 2, -300)) as v
      from (
        select i.item, i.weight, i.last_at, i.dismissed_at, i.network from nunchi.interactions i
        where i.project_id = project and i.environment = env and i.actor = w.actor and i.by_user = w.by_user
        order by i.last_at desc, i.item desc limit 100) l
      where l.weight > 0 and (l.dismissed_at < l.last_at) is not false) h
    window mine as (partition by w.actor, w.by_user)
  ), crowds as (
    select v.item, sum(v.v * v.own / v.activity) as dot, count(*) as k
    -- Who had to do with one item alone says nothing of what goes together.
    from vectors v where v.own is not null and v.items > 1
    group by v.item, coalesce(v.network, v.alone), v.network is null
  ), sums as materialized (
    select c.item, sum(c.dot * least(1, crowd / c.k)) - max(c.dot * least(1, crowd / c.k)) as dot, sum(least(c.k, crowd)) as support from crowds c group by c.item
  ), mine as (
    select ln(s.dot) / ln(2::double precision) + era + ln(greatest(people / 2000.0, 1)::double precision) / ln(2::double precision) as norm
    from sums s where s.item = subject and s.dot > 1e-290
  ), near as (
    select s.item, s.support, t.floor, least(1, power(2::double precision, greatest(ln(s.dot) / ln(2::double precision) + era
      + ln(greatest(people / 2000.0, 1)::double precision) / ln(2::double precision) - (m.norm + t.norm) / 2, -300)))
      * s.support / (s.support + shrink) as similarity
    from sums s cross join mine m
    cross join lateral (select * from nunchi.item_stats t where t.project_id = project and t.environment = env
      and t.item = s.item offset 0) t
    -- What one network says alone is not believed.
    where s.item <> subject and s.dot > 1e-290 and s.support > crowd and t.norm is not null
  )
  select (select m.norm from mine m), array_agg(n.item order by n.similarity desc, n.item),
    array_agg(n.similarity order by n.similarity desc, n.item), array_agg(n.support order by n.similarity desc, n.item),
    array_agg(n.similarity > n.floor order by n.similarity desc, n.item)
  into own, others, likeness, behind, takes from near n;

  insert into nunchi.item_stats as t (project_id, environment, item, norm, actors, floor, refreshed_at)
  values (project, env, subject, own, people, coalesce(likeness[100], 0), clock_timestamp())
  on conflict (project_id, environment, item) do update
  set norm = excluded.norm, actors = excluded.actors, floor = excluded.floor, refreshed_at = excluded.refreshed_at;
  perform nunchi.write_near(project, env, subject, 'cf', coalesce(others, '{}'), likeness, behind, takes, at);
  perform nunchi.refresh_popularity(project, env, subject, said);
end
$$;
revoke execute on function nunchi.refresh_item(uuid, text, text, jsonb) from public;

-- Computes how much an item is had to do with lately, for everybody and by country and device class, from the latest
-- 5,000 who had. Part of refresh_recommendations(). Who has to do with one item alone counts a tenth, with two or three
-- four, with more ten to thirteen tenths, whatever they do; all visitors of one network together as `networkCap` of them
-- at most, and of the network that says most nine tenths are left out: it may be one who wants to be seen. Who came in a
-- crowd from one network, or does more than a person does, counts nowhere.
create or replace function nunchi.refresh_popularity(project uuid, env text, subject text, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  life constant double precision := 86400 * (said ->> 'popularityHalfLifeDays')::double precision;
  crowd constant double precision := (said ->> 'networkCap')::double precision;
  era constant double precision := (extract(epoch from now()) - 1767225600) / life;
begin
  with actors as materialized (
    select i.actor, i.by_user, i.network, i.country, i.device_class,
      (1 + 0.1 / ln(2::double precision) * ln(least(greatest(i.weight, 1), 8)::double precision))
        * (array[0.1, 0.1, 0.4, 1])[1 + width_bucket(b.items, array[1, 2, 4]::bigint[])]
        * power(2::double precision, greatest(extract(epoch from i.last_at - now()) / life, -300)) as counts
    from (
      select * from nunchi.interactions a
      where a.project_id = project and a.environment = env and a.item = subject and a.weight > 0
        and (a.dismissed_at < a.last_at) is not false
        and not exists (select from nunchi.interactions x where x.project_id = project and x.environment = env
          and x.actor = a.actor and x.by_user = a.by_user and (x.crowded or x.loud))
      order by a.last_at desc, a.actor, a.by_user limit 5000) i
    cross join lateral (select count(*) as items from (
        select from nunchi.interactions o
        where o.project_id = project and o.environment = env and o.actor = i.actor and o.by_user = i.by_user
          and o.weight > 0 and (o.dismissed_at < o.last_at) is not false limit 4) l) b
  ), crowds as (
    select s.segment, sum(a.counts) * least(1, crowd / count(*)) as counts, least(count(*), crowd) as people
    from actors a
    cross join lateral (values (''), ('country:' || a.country), ('device:' || a.device_class)) s (segment)
    where s.segment is not null
    group by s.segment, coalesce(a.network, a.by_user || a.actor), a.network is null
  ), scores as (
    select c.segment, ln(sum(c.counts) - 0.9 * max(c.counts)) / ln(2::double precision) + era as score
    from crowds c group by c.segment
    -- What one visitor or one network says alone is not what many do.
    having sum(c.counts) > 1e-290 and sum(c.people) > crowd
  ), gone as (
    delete from nunchi.item_popularity p where p.project_id = project and p.environment = env and p.item = subject
      and not exists (select from scores s where s.segment = p.segment)
  )
  insert into nunchi.item_popularity as p (project_id, environment, type, segment, item, score)
  select project, env, i.type, s.segment, subject, s.score
  from scores s join nunchi.items i on i.project_id = project and i.environment = env and i.id = subject
    and i.deleted_at is null
  on conflict (project_id, environment, item, segment) do update set type = excluded.type, score = excluded.score;
end
$$;
revoke execute on function nunchi.refresh_popularity(uuid, text, text, jsonb) from public;

-- { limit? = 50, budgetMs? = 1000 } → { items, actors, more }: computes what has changed since the last call, for so many
-- items and actors of one catalog, longest waiting first: neighbors, popularity, preferences. To be called again while
-- there is `more`. No item is begun after so many ms, but the first: what is computed is kept, others get their turn, and
-- a slow machine gets on, too.
-- Any number of callers may: one works on a catalog at a time. What 200 actors and more had to do with waits until its
-- last time is a while ago, up to ten minutes, so that what everybody looks at is not computed all day.
create or replace function nunchi.refresh_recommendations(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  most constant integer := least(greatest(coalesce((args ->> 'limit')::integer, 50), 1), 1000);
  catalog record;
  said jsonb;
  enough constant timestamptz := clock_timestamp() + make_interval(secs => coalesce((args ->> 'budgetMs')::integer, 1000) / 1000.0);
  subject text;
  described boolean;
  places tid[];
  whom nunchi.actor[];
  one nunchi.actor;
  items integer := 0;
  actors integer := 0;
begin
  for catalog in
    select k.project_id, k.environment from (
      (select c.project_id, c.environment, c.since from nunchi.item_changes c order by c.since limit 1000)
      union all
      (select c.project_id, c.environment, c.since from nunchi.actor_changes c order by c.since limit 1000)) k
    group by 1, 2 order by min(k.since)
  loop
    continue when not pg_try_advisory_xact_lock(hashtext('nunchi.refresh'), hashtext(catalog.project_id || catalog.environment));
    said := nunchi.recommendation_settings_in(catalog.project_id, catalog.environment);
    perform nunchi.find_crowds(catalog.project_id, catalog.environment, said);
    for subject, described, places in
      select k.item, bool_or(k.shard < 0), array_agg(k.ctid) from (
        select c.ctid, c.item, c.shard, c.since from nunchi.item_changes c
        left join nunchi.item_stats t on t.project_id = c.project_id and t.environment = c.environment and t.item = c.item
        where c.project_id = catalog.project_id and c.environment = catalog.environment
          and (c.shard < 0 or coalesce(t.actors, 0) < 200
            or t.refreshed_at <= clock_timestamp() - make_interval(secs => least(t.actors * 0.05, 600)))
        order by c.since limit most for update of c skip locked) k
      group by k.item order by min(k.since), k.item
    loop
      delete from nunchi.item_changes c where c.ctid = any (places);
      if exists (select from nunchi.items i where i.project_id = catalog.project_id
        and i.environment = catalog.environment and i.id = subject and i.deleted_at is null)
      then
        perform nunchi.refresh_item(catalog.project_id, catalog.environment, subject, said);
        if described then
          perform nunchi.refresh_content(catalog.project_id, catalog.environment, subject);
        end if;
      else
        perform nunchi.forget_item(catalog.project_id, catalog.environment, subject);
      end if;
      items := items + 1;
      exit when clock_timestamp() >= enough;
    end loop;

    with gone as (
      delete from nunchi.actor_changes c where c.ctid = any (array(
        select k.ctid from nunchi.actor_changes k
        where k.project_id = catalog.project_id and k.environment = catalog.environment
        order by k.since limit most * 4 for update skip locked))
      returning c.actor, c.by_user
    )
    select coalesce(array_agg(distinct row(g.actor, g.by_user)::nunchi.actor), '{}') into whom from gone g;
    foreach one in array whom loop
      perform nunchi.refresh_actor(catalog.project_id, catalog.environment, one.id, one.by_user, said);
    end loop;
    actors := cardinality(whom);
    exit when items > 0 or actors > 0;
  end loop;
  return jsonb_build_object('items', items, 'actors', actors, 'more', items > 0 or actors > 0);
end
$$;
revoke execute on function nunchi.refresh_recommendations(jsonb) from public;
grant execute on function nunchi.refresh_recommendations(jsonb) to nunchi_app;

-- { projectId, environment, actor, mistakes } → {}: keeps why a definition was refused, the last one of each
-- environment. Run by the owner, and for keys by refuse_config_by_key().
create or replace function nunchi.refuse_config(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  insert into nunchi.config_refusals as r (project_id, environment, actor, mistakes)
  values ((args ->> 'projectId')::uuid, args ->> 'environment', args ->> 'actor',
    jsonb_path_query_array(args -> 'mistakes', '$[0 to 19]'))
  on conflict (project_id, environment) do update
  set at = excluded.at, actor = excluded.actor, mistakes = excluded.mistakes
  returning '{}'::jsonb
$$;
revoke execute on function nunchi.refuse_config(jsonb) from public;

-- { keyHash, mistakes } → as refuse_config(), or { error: 'key_unknown' | 'key_not_allowed' }: for a key that may
-- publish.
create or replace function nunchi.refuse_config_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.refuse_config(args || key);
end
$$;
revoke execute on function nunchi.refuse_config_by_key(jsonb) from public;
grant execute on function nunchi.refuse_config_by_key(jsonb) to nunchi_app;

-- { id, projectId } → { removed }: takes out one event and its queue entry, as `nunchi verify` does with the one it
-- sent, which counts nowhere. What another event has come to already is not taken back by this, but by recount()
-- with repair.
create or replace function nunchi.remove_event(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  event constant uuid := args ->> 'id';
  project constant uuid := args ->> 'projectId';
  removed integer;
begin
  delete from nunchi.analytics_events e where e.project_id = project and e.id = event;
  get diagnostics removed = row_count;
  update nunchi.event_processing_queue q
  set (project_ids, event_ids) = (
    select coalesce(array_agg(u.project_id order by u.n), '{}'), coalesce(array_agg(u.id order by u.n), '{}')
    from unnest(q.project_ids, q.event_ids) with ordinality u (project_id, id, n)
    where (u.project_id, u.id) <> (project, event))
  where event = any (q.event_ids);
  delete from nunchi.event_processing_queue q where q.event_ids = '{}';
  return jsonb_build_object('removed', removed);
end
$$;
revoke execute on function nunchi.remove_event(jsonb) from public;

-- Takes items out of a catalog; answers { deleted }. Part of delete_items() and delete_items_of(). The rows stay, so
-- that what happened with them keeps its title; put_items() brings one back. Of a person nothing is kept, and they stand in
-- nobody's list any more.
create or replace function nunchi.remove_items(project uuid, env text, ids jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  gone text[];
  people text[];
begin
  if jsonb_typeof(ids) is distinct from 'array' or jsonb_array_length(ids) > 1000 then
    raise invalid_parameter_value using message = 'ids must be a list of at most 1,000.';
  end if;
  perform pg_advisory_xact_lock(hashtext('nunchi.put_items'), hashtext(project::text || env));
  with left_us as (
    delete from nunchi.items i where i.project_id = project and i.environment = env and i.type = 'person'
      and i.id = any (array(select jsonb_array_elements_text(ids)))
    returning i.id
  )
  select coalesce(array_agg(l.id), '{}') into people from left_us l;
  delete from nunchi.match_candidates c where c.project_id = project and c.environment = env
    and (c.user_id = any (people) or c.other_id = any (people));
  with deleted as (
    update nunchi.items i set deleted_at = clock_timestamp(), updated_at = clock_timestamp()
    where i.project_id = project and i.environment = env and i.deleted_at is null
      and i.id = any (array(select jsonb_array_elements_text(ids)))
    returning i.id
  )
  select coalesce(array_agg(d.id), '{}') into gone from deleted d;
  perform nunchi.items_changed(project, env, gone);
  return jsonb_build_object('deleted', cardinality(gone) + cardinality(people));
end
$$;
revoke execute on function nunchi.remove_items(uuid, text, jsonb) from public;

-- { projectId, environment, name, afterMs?, actor? } → { before, retiresAt }: takes a verifier away, at once or, with
-- `afterMs`, so many ms from now; both null where there is none of that name. Run by the owner. One audit row.
create or replace function nunchi.remove_token_verifier(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  wait constant double precision := coalesce((args ->> 'afterMs')::double precision, 0);
  old nunchi.token_verifiers;
  made nunchi.token_verifiers;
begin
  select * into old from nunchi.token_verifiers t
  where t.project_id = (args ->> 'projectId')::uuid and t.environment = args ->> 'environment'
    and t.name = args ->> 'name' for update;
  if not found then
    return jsonb_build_object('before', null, 'retiresAt', null);
  end if;
  if wait > 0 then
    update nunchi.token_verifiers t
    set retires_at = now() + make_interval(secs => wait / 1000), updated_at = now()
    where t.project_id = old.project_id and t.environment = old.environment and t.name = old.name
    returning * into made;
  else
    delete from nunchi.token_verifiers t
    where t.project_id = old.project_id and t.environment = old.environment and t.name = old.name;
  end if;
  perform nunchi.audit(old.project_id, args ->> 'actor',
    case when wait > 0 then 'token_verifier.retire' else 'token_verifier.remove' end, old.name,
    nunchi.token_verifier_shown(to_jsonb(old)), nunchi.token_verifier_shown(to_jsonb(made)));
  return jsonb_build_object('before', nunchi.token_verifier_shown(to_jsonb(old)),
    'retiresAt', floor(extract(epoch from made.retires_at) * 1000)::bigint);
end
$$;
revoke execute on function nunchi.remove_token_verifier(jsonb) from public;

-- { id? } → { replayed }: hands what processing gave up back to it, one row or all, as if it had never failed.
create or replace function nunchi.replay_dead(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  replayed bigint;
begin
  update nunchi.event_processing_queue q set processing_status = 'pending', retry_count = 0, run_after = null
  where q.processing_status = 'dead' and (args ->> 'id' is null or q.id = (args ->> 'id')::bigint);
  get diagnostics replayed = row_count;
  return jsonb_build_object('replayed', replayed);
end
$$;
revoke execute on function nunchi.replay_dead(jsonb) from public;

-- A page of the stored exposures of a project, for `nunchi replay`. { projectId, source, environment?, experiment?,
-- since?, after?, limit? = 5000 } → { rows: [{ event, environment, experiment, revision, configVersion, attribute,
-- unit, variant }], next }: `source` is `assignments` (the first of each unit) or `events` (every one that was sent);
-- `since` in ms; `next` is the next page's `after`, or null. A page of events looks at `limit` events of any name,
-- so it may be empty and not the last.
create or replace function nunchi.replay_exposures(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  since constant timestamptz := to_timestamp((args ->> 'since')::bigint / 1000.0);
  size constant integer := coalesce((args ->> 'limit')::integer, 5000);
  looked integer;
  last jsonb;
  page jsonb;
begin
  if args ->> 'source' = 'assignments' then
    select count(*), (array_agg(jsonb_build_array(a.environment, a.experiment, a.revision, a.unit)
        order by a.environment desc, a.experiment desc, a.revision desc, a.unit desc))[1],
      jsonb_agg(jsonb_build_object('event', a.event_id, 'environment', a.environment, 'experiment', a.experiment,
        'revision', a.revision, 'configVersion', a.config_version, 'attribute', a.attribute, 'unit', a.unit,
        'variant', a.variant) order by a.environment, a.experiment, a.revision, a.unit)
        filter (where (args ->> 'environment' is null or a.environment = args ->> 'environment')
          and (args ->> 'experiment' is null or a.experiment = args ->> 'experiment')
          and (since is null or a.assigned_at >= since))
    into looked, last, page
    from (
      select * from nunchi.experiment_assignments t
      where t.project_id = project and (args -> 'after' is null or args -> 'after' = 'null'
        or (t.environment, t.experiment, t.revision, t.unit) > (args -> 'after' ->> 0, args -> 'after' ->> 1,
          (args -> 'after' ->> 2)::integer, args -> 'after' ->> 3))
      order by t.environment, t.experiment, t.revision, t.unit limit size
    ) a;
  else
    select count(*), to_jsonb((array_agg(e.id order by e.id desc))[1]),
      jsonb_agg(jsonb_build_object('event', e.id, 'environment', e.environment,
        'experiment', e.properties -> 'experiment', 'revision', e.properties -> 'revision',
        'configVersion', e.properties -> 'configVersion', 'attribute', e.properties -> 'attribute',
        'unit', e.properties -> 'unit', 'variant', e.properties -> 'variant') order by e.id)
        filter (where e.type = 'track' and e.name = 'Experiment Viewed' and not e.bot and not e.internal
          and e.properties -> 'overridden' is distinct from 'true'
          and (args ->> 'environment' is null or e.environment = args ->> 'environment')
          and (args ->> 'experiment' is null or e.properties ->> 'experiment' = args ->> 'experiment')
          and (since is null or e.occurred_at >= since))
    into looked, last, page
    from (
      select * from nunchi.analytics_events t
      where t.project_id = project and (args ->> 'after' is null or t.id > (args ->> 'after')::uuid)
        -- An id is made when the event occurs, give or take what clocks are off.
        and (since is null or t.clock_suspect or t.id >= nunchi.uuid_floor(greatest(since - interval '48 hours', 'epoch')))
      order by t.id limit size
    ) e;
  end if;
  return jsonb_build_object('rows', coalesce(page, '[]'), 'next', case when looked >= size then last end);
end
$$;
revoke execute on function nunchi.replay_exposures(jsonb) from public;

-- Which variants an experiment gives units by their bucket alone, as SQL sees it: { key, experiment, attribute, units }
-- → [variant | null where the bucket gives none], or { unsupported } naming what SQL does not evaluate. `experiment`
-- comes without its targeting, which exposures have been through. Part of `nunchi replay`.
create or replace function nunchi.replay_units(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  unit text;
  result jsonb;
  answer text[] := '{}';
begin
  for unit in select * from jsonb_array_elements_text(args -> 'units') loop
    result := nunchi.evaluate_experiment(jsonb_build_object('key', args -> 'key', 'experiment', args -> 'experiment',
      'attributes', jsonb_build_object(args ->> 'attribute', unit), 'targeting', false));
    if result ? 'unsupported' then
      return jsonb_build_object('unsupported', result -> 'unsupported');
    end if;
    answer := answer || case when result -> 'assigned' = 'true' and result -> 'attribute' = args -> 'attribute'
      then result ->> 'variant' end;
  end loop;
  return to_jsonb(answer);
end
$$;
revoke execute on function nunchi.replay_units(jsonb) from public;

-- Takes at most `size` touches of an environment and brings the sums of its experiments in line with what they tell;
-- answers how many it took. The caller holds the project's lock of results. Part of prepare_results() and summarize().
create or replace function nunchi.result_advance(project uuid, env text, size integer) returns integer
language plpgsql set search_path = '' set jit = off as $$
declare
  now_at constant timestamptz := clock_timestamp();
  touches nunchi.result_touches[];
  tracked nunchi.result_trackers;
begin
  with taken as (
    delete from nunchi.result_touches t where t.id = any (array(
      select d.id from nunchi.result_touches d where d.project_id = project and d.environment = env and d.due <= now_at
      order by d.due, d.id limit size))
    returning t.*)
  select array_agg(t) into touches from taken t;
  if touches is null then
    return 0;
  end if;
  for tracked in select * from nunchi.result_trackers t where t.project_id = project and t.environment = env order by t.id loop
    perform nunchi.result_refresh(tracked, array(
      select unnest(nunchi.result_exposed(tracked, array_agg(t.anonymous_id) || array_agg(t.user_id), array_agg(t.unit)))
      from unnest(touches) t where t.who having count(*) > 0
      union
      select unnest(nunchi.result_owners(tracked, array_agg(t.anonymous_id), array_agg(t.user_id))) from unnest(touches) t), now_at);
  end loop;
  return cardinality(touches);
end
$$;
revoke execute on function nunchi.result_advance(uuid, text, integer) from public;

-- Up to when the kept sums of an environment tell all that was processed, in ms; null where nothing waits to be taken in.
-- Part of summarize() and results_frame().
create or replace function nunchi.result_as_of(project uuid, env text) returns bigint
language sql stable set search_path = '' as $$
  select floor(extract(epoch from greatest(t.at, t.due)) * 1000)::bigint from nunchi.result_touches t
  where t.project_id = project and t.environment = env and t.due <= clock_timestamp()
  order by t.due, t.id limit 1
$$;
revoke execute on function nunchi.result_as_of(uuid, text) from public;

-- Lists the next `size` exposures of a project's revision that is not built yet, or adds up its next `size` units once all
-- are listed, so that none is added up twice; answers whether there was one. It waits for the facts that the revision needs.
-- Part of prepare_results().
create or replace function nunchi.result_build(project uuid, size integer) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  tracked nunchi.result_trackers;
  page text[];
  last text;
begin
  select t.* into tracked from nunchi.result_trackers t
  where t.project_id = project and t.built is not null and not exists (
    select from nunchi.result_metrics r join nunchi.metric_parts p on p.id = any (r.parts)
    where r.tracker = t.id and p.filled_from > coalesce(t.first_at, clock_timestamp())
      - make_interval(secs => coalesce((r.plan ->> 'beforeMs')::float8, 0) / 1000))
  order by t.id limit 1;
  if not found then
    return false;
  elsif not tracked.listed then
    last := nunchi.result_list(tracked, size);
    update nunchi.result_trackers t set built = coalesce(last, ''), listed = last is null where t.id = tracked.id;
    return true;
  end if;
  page := array(select r.unit from nunchi.result_units r where r.tracker = tracked.id and r.unit > tracked.built
    order by r.unit limit size);
  if cardinality(page) = 0 then
    update nunchi.result_trackers t set built = null where t.id = tracked.id;
    update nunchi.result_metrics r set ready = true where r.tracker = tracked.id;
    return true;
  end if;
  perform nunchi.result_refresh(tracked, page, clock_timestamp());
  update nunchi.result_trackers t set built = page[cardinality(page)] where t.id = tracked.id;
  return true;
end
$$;
revoke execute on function nunchi.result_build(uuid, integer) from public;

-- Takes what changed in an environment into its kept sums; answers whether there are any. It takes about `most` touches, and
-- no more once a second is over; what is left the job does, and result_as_of() tells. Without `most` nothing is left. Where
-- somebody else is at it, or nothing may be written (a replica), all is left. Part of summarize() and results_frame().
create or replace function nunchi.result_current(project uuid, env text, most integer default null) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '1 s';
  taken integer;
begin
  if not exists (select from nunchi.result_trackers t where t.project_id = project and t.environment = env) then
    return false;
  elsif current_setting('transaction_read_only')::boolean then
    return true;
  elsif most is null then
    perform pg_advisory_xact_lock(hashtext('nunchi.results'), hashtext(project::text));
  elsif not pg_try_advisory_xact_lock(hashtext('nunchi.results'), hashtext(project::text)) then
    return true;
  end if;
  perform nunchi.result_until(project);
  loop
    taken := nunchi.result_advance(project, env, least(most, 2000));
    most := most - taken;
    exit when taken = 0 or most <= 0 or most is not null and clock_timestamp() > deadline;
  end loop;
  return true;
end
$$;
revoke execute on function nunchi.result_current(uuid, text, integer) from public;

-- Brings the units of a tracked revision in line with its exposures and with who is who, as far as `ids` and `units`
-- may have changed, and answers the units to add up anew: those, and the first-exposed units of all persons in question.
-- Part of result_advance() and result_build().
create or replace function nunchi.result_exposed(tracked nunchi.result_trackers, ids text[], units text[]) returns text[]
language plpgsql set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  project constant uuid := tracked.project_id;
  -- Whom the ids become, by each step; whoever was somebody's person before is among them.
  known constant text[] := array(
    with recursive walk (id, depth) as (
      select i, 0 from unnest(ids || units) i where i is not null
      union
      select n.user_id, w.depth + 1 from walk w cross join lateral (
        select i.user_id from nunchi.identities i where i.project_id = project and i.anonymous_id = w.id
        union all select a.user_id from nunchi.aliases a where a.project_id = project and a.previous_id = w.id) n
      where w.depth < 33)
    select distinct w.id from walk w);
  -- And all who become one of those.
  around constant text[] := array(
    with recursive walk (id, depth) as (
      select i, 0 from unnest(known) i
      union
      select n.id, w.depth + 1 from walk w cross join lateral (
        select i.anonymous_id as id from nunchi.identities i where i.project_id = project and i.user_id = w.id
        union all select a.previous_id from nunchi.aliases a where a.project_id = project and a.user_id = w.id) n
      where w.depth < 33)
    select distinct w.id from walk w);
  asked constant text[] := array(
    select t.unit from nunchi.experiment_assignments t where t.project_id = project and t.anonymous_id = any (around)
      and t.environment = tracked.environment and t.experiment = tracked.experiment and t.revision = tracked.revision
    union
    select t.unit from nunchi.experiment_assignments t where t.project_id = project and t.user_id = any (around)
      and t.environment = tracked.environment and t.experiment = tracked.experiment and t.revision = tracked.revision
    union
    select r.unit from nunchi.result_units r where r.project_id = project and r.person = any (known) and r.tracker = tracked.id
    union
    select u from unnest(units) u where u is not null);
  heads text[];
  changed text[];
begin
  with gone as (
    delete from nunchi.result_units r where r.tracker = tracked.id and r.unit = any (asked)
      and not exists (select from nunchi.experiment_assignments t where t.project_id = project
        and t.environment = tracked.environment and t.experiment = tracked.experiment and t.revision = tracked.revision
        and t.unit = r.unit)
    returning r.unit)
  select coalesce(array_agg(g.unit), '{}') into changed from gone g;
  with exposed as materialized (
    select t.*, case when exists (select from nunchi.aliases l where l.project_id = project
        and l.previous_id = coalesce(t.user_id, i.user_id, t.anonymous_id) offset 0)
      then nunchi.person_of(project, t.user_id, t.anonymous_id)
      -- Most people were never renamed.
      else coalesce(t.user_id, i.user_id, t.anonymous_id) end as person
    from unnest(asked) a (unit)
    cross join lateral (select x.* from nunchi.experiment_assignments x where x.project_id = project
      and x.environment = tracked.environment and x.experiment = tracked.experiment and x.revision = tracked.revision
      and x.unit = a.unit offset 0) t
    left join lateral (select y.user_id from nunchi.identities y
      where y.project_id = project and y.anonymous_id = t.anonymous_id offset 0) i on true
  ), fresh as materialized (
    select e.*, e.person is not null and row_number() over (partition by e.person,
        case when e.attribute in ('anonymousId', 'userId') then e.attribute else '' end
        order by e.assigned_at, e.event_id) = 1 as head
    from exposed e
  ), kept as (
    insert into nunchi.result_units as r (project_id, tracker, unit, attribute, variant, multiple, assigned_at, event_id,
      person, head, country, device_class, browser, os)
    select project, tracked.id, f.unit, f.attribute, f.variant, f.multiple, f.assigned_at, f.event_id, f.person, f.head,
      left(e.context ->> 'country', 100), left(e.context ->> 'deviceClass', 100), left(e.context ->> 'browser', 100),
      left(e.context ->> 'os', 100)
    from fresh f
    left join lateral (select x.* from nunchi.result_units x where x.tracker = tracked.id and x.unit = f.unit offset 0) o on true
    left join lateral (select a.context from nunchi.analytics_events a
      where a.project_id = project and a.id = f.event_id offset 0) e on true
    where o.unit is null or (o.attribute, o.variant, o.multiple, o.assigned_at, o.event_id, o.person, o.head)
      is distinct from (f.attribute, f.variant, f.multiple, f.assigned_at, f.event_id, f.person, f.head)
    order by f.unit
    on conflict (tracker, unit) do update set attribute = excluded.attribute, variant = excluded.variant,
      multiple = excluded.multiple, assigned_at = excluded.assigned_at, event_id = excluded.event_id,
      person = excluded.person, head = excluded.head, country = excluded.country, device_class = excluded.device_class,
      browser = excluded.browser, os = excluded.os
    returning r.unit
  )
  select array(select f.unit from fresh f where f.head), changed || array(select k.unit from kept k) into heads, changed;
  update nunchi.result_trackers t set first_at = least(t.first_at, n.first)
  -- Each by its key: by its time Postgres may read all units to find the first.
  from (select min(c.assigned_at) as first from unnest(changed) k (unit)
    cross join lateral (select r.assigned_at from nunchi.result_units r where r.tracker = tracked.id and r.unit = k.unit offset 0) c) n
  where t.id = tracked.id and n.first is not null and (t.first_at is null or n.first < t.first_at);
  return array(
    select unnest(heads || changed)
    union
    -- A unit that is new takes events from whoever had them.
    select unnest(nunchi.result_owners(tracked,
      array_agg(p.anonymous_id), array_agg(p.user_id)))
    from (select distinct f.anonymous_id, f.user_id from nunchi.metric_facts f
      where f.project_id = project and f.anonymous_id = any (changed) and f.user_id is not null
      union
      select f.anonymous_id, f.user_id from nunchi.metric_facts f
      where f.project_id = project and f.user_id = any (changed)) p);
end
$$;
revoke execute on function nunchi.result_exposed(nunchi.result_trackers, text[], text[]) from public;

-- What the events whose ids lie from `low` to `high`, and the marked ones that occurred in a span, add to these parts of a
-- project's metrics: metric_events() of several parts in one reading. An id tells when its event occurred to within 48
-- hours; where it does not the event is marked. Part of result_fill().
create or replace function nunchi.result_facts(project uuid, env text, parts integer[], low uuid, high uuid, since timestamptz,
  until timestamptz)
returns table (part integer, event_id uuid, occurred_at timestamptz, anonymous_id text, user_id text, amount numeric, fault text)
language plpgsql stable set search_path = '' set jit = off set enable_seqscan = off as $$
#variable_conflict use_column
begin
  return query
  with part as materialized (
    select p.id, p.part ->> 'type' as type, p.part ->> 'event' as event, coalesce(p.part ->> 'adds', 'one') as adds,
      p.part ->> 'property' as property, nullif(p.part -> 'where', 'null') as wanted
    from nunchi.metric_parts p where p.id = any (parts) and p.part ->> 'conversion' is null
  ), happened as (
    select e.id, e.occurred_at, e.anonymous_id, e.user_id, e.properties, e.type, e.name
    from nunchi.analytics_events e
    where e.project_id = project and not e.clock_suspect and e.id >= low and e.id < high
      and e.environment = env and not e.bot and not e.internal and not (e.sdk = 'nunchi-cli' and e.name = 'nunchi verify')
    union all
    select e.id, e.occurred_at, e.anonymous_id, e.user_id, e.properties, e.type, e.name
    from nunchi.analytics_events e
    where e.project_id = project and e.clock_suspect and e.occurred_at >= since and e.occurred_at < until
      and e.environment = env and not e.bot and not e.internal and not (e.sdk = 'nunchi-cli' and e.name = 'nunchi verify')
  ), added as (
    select p.id as part, h.id, h.occurred_at, h.anonymous_id, h.user_id,
      case when p.adds = 'one' then 1 when said.number is null then null when p.adds = 'value' then said.number else 1 end as amount,
      case when p.adds = 'value' and said.number is null and jsonb_typeof(h.properties -> p.property) <> 'null'
        then left(h.properties ->> p.property, 50) end as fault
    from happened h join part p on (p.event is null or h.name = p.event) and (p.type is null or h.type = p.type)
      and (p.event is not null or not (h.type = 'track' and h.name = 'Experiment Viewed'))
      and (p.wanted is null or h.properties @> p.wanted)
    cross join lateral (
      select case when abs(n.number) < 1e15 then round(n.number, 6) end as number
      from (select case when p.adds <> 'one' and (jsonb_typeof(h.properties -> p.property) = 'number'
          or jsonb_typeof(h.properties -> p.property) = 'string'
            and h.properties ->> p.property ~ '^[ \t\n\r\v\f]*[-+]?[0-9]{1,15}(\.[0-9]{1,20})?[ \t\n\r\v\f]*$')
        then (h.properties ->> p.property)::numeric end as number) n
      offset 0) said
  )
  select a.part, a.id, a.occurred_at, a.anonymous_id, a.user_id, a.amount, a.fault from added a
  where a.amount is not null or a.fault is not null
  union all
  select p.id, e.event_id, e.occurred_at, e.anonymous_id, e.user_id, e.amount, e.fault
  from nunchi.metric_parts p cross join lateral nunchi.metric_events(project, env, p.part, since, until) e
  where p.id = any (parts) and p.part ->> 'conversion' is not null and (e.amount is not null or e.fault is not null);
end
$$;
revoke execute on function nunchi.result_facts(uuid, text, integer[], uuid, uuid, timestamptz, timestamptz) from public;

-- Reads one span of past events into metric_facts, for all parts of a project's metrics that have come equally far; the
-- newest span first, as far back as the experiments that need them reach. Or takes away facts that no metric needs.
-- Answers whether it did something. Part of prepare_results().
create or replace function nunchi.result_fill(project uuid, span interval) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  env text;
  so_far timestamptz;
  reading integer[];
  needed timestamptz;
  since timestamptz;
  unwanted integer;
  gone integer;
begin
  select p.environment, p.filled_from, array_agg(p.id), min(n.needed) into env, so_far, reading, needed
  from nunchi.metric_parts p
  cross join lateral (
    select min(coalesce(t.first_at, clock_timestamp()) - make_interval(secs => coalesce((r.plan ->> 'beforeMs')::float8, 0) / 1000))
      as needed
    from nunchi.result_metrics r join nunchi.result_trackers t on t.id = r.tracker
    where r.project_id = project and p.id = any (r.parts)) n
  where p.project_id = project and p.wanted and (p.filled_from = 'infinity' or p.filled_from > n.needed)
  group by 1, 2 order by 2 desc, 1 limit 1;
  if not found then
    select p.id into unwanted from nunchi.metric_parts p where p.project_id = project and not p.wanted limit 1;
    if not found then
      return false;
    end if;
    delete from nunchi.metric_facts f where f.ctid = any (array(
      select g.ctid from nunchi.metric_facts g where g.project_id = project and g.part = unwanted limit 50000));
    get diagnostics gone = row_count;
    if gone = 0 then
      delete from nunchi.metric_parts p where p.id = unwanted;
    end if;
    return true;
  end if;
  since := case when so_far = 'infinity' then clock_timestamp() else so_far end - span;
  -- Two days more: an exposure that comes late may be the first.
  if since <= needed then
    since := least(since, needed - interval '2 days');
  end if;
  with kept as (
    insert into nunchi.metric_facts (project_id, part, event_id, occurred_at, anonymous_id, user_id, amount, fault)
    select project, e.part, e.event_id, e.occurred_at, e.anonymous_id, e.user_id, e.amount, e.fault
    -- No event is read twice: what occurred from `since` on has an id of 48 hours before that at the earliest.
    from nunchi.result_facts(project, env, reading, nunchi.uuid_floor(greatest(since - interval '48 hours', 'epoch')),
      case when so_far = 'infinity' then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
        else nunchi.uuid_floor(greatest(so_far - interval '48 hours', 'epoch')) end,
      since, case when so_far = 'infinity' then '9999-12-01' else so_far end) e
    order by e.anonymous_id, e.part, e.event_id
    on conflict do nothing
    returning anonymous_id, user_id, occurred_at)
  -- All units are built when this is done; only what is yet to come would be forgotten.
  insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, who, due)
  select distinct project, env, k.anonymous_id, k.user_id, false, k.occurred_at
  from kept k where k.occurred_at > clock_timestamp();
  update nunchi.metric_parts p set filled_from = since where p.id = any (reading);
  -- What was added up without these is added up again.
  update nunchi.result_metrics r set ready = false where r.project_id = project and r.parts && reading;
  update nunchi.result_trackers t set built = '' where t.built is distinct from '' and exists (
    select from nunchi.result_metrics r where r.tracker = t.id and r.parts && reading);
  return true;
end
$$;
revoke execute on function nunchi.result_fill(uuid, interval) from public;

-- Takes the next `size` exposures of a tracked revision over as units, without what they came to; answers the last one, null
-- where none is left. A unit that is there was touched meanwhile, and is right. Part of result_build().
create or replace function nunchi.result_list(tracked nunchi.result_trackers, size integer) returns text
language plpgsql set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
  set work_mem = '64MB' as $$
declare
  project constant uuid := tracked.project_id;
  last text;
  persons text[];
begin
  with page as materialized (
    select t.* from nunchi.experiment_assignments t
    where t.project_id = project and t.environment = tracked.environment and t.experiment = tracked.experiment
      and t.revision = tracked.revision and t.unit > tracked.built
    order by t.unit limit size
  ), exposed as materialized (
    select p.*, case when exists (select from nunchi.aliases l where l.project_id = project
        and l.previous_id = coalesce(p.user_id, i.user_id, p.anonymous_id) offset 0)
      then nunchi.person_of(project, p.user_id, p.anonymous_id)
      -- Most people were never renamed.
      else coalesce(p.user_id, i.user_id, p.anonymous_id) end as person
    from page p
    left join lateral (select y.user_id from nunchi.identities y
      where y.project_id = project and y.anonymous_id = p.anonymous_id offset 0) i on true
  ), kept as (
    insert into nunchi.result_units (project_id, tracker, unit, attribute, variant, multiple, assigned_at, event_id,
      person, head, country, device_class, browser, os)
    select project, tracked.id, f.unit, f.attribute, f.variant, f.multiple, f.assigned_at, f.event_id, f.person,
      f.person is not null, left(e.context ->> 'country', 100), left(e.context ->> 'deviceClass', 100),
      left(e.context ->> 'browser', 100), left(e.context ->> 'os', 100)
    from exposed f
    left join lateral (select a.context from nunchi.analytics_events a
      where a.project_id = project and a.id = f.event_id offset 0) e on true
    on conflict (tracker, unit) do nothing
  )
  select max(f.unit), array_agg(distinct f.person) filter (where f.person is not null) into last, persons from exposed f;
  -- Of most people there is one unit.
  update nunchi.result_units r set head = o.first
  from (
    select u.unit, u.head, row_number() over (partition by u.person,
      case when u.attribute in ('anonymousId', 'userId') then u.attribute else '' end order by u.assigned_at, u.event_id) = 1 as first
    from unnest(persons) p (person)
    cross join lateral (select x.* from nunchi.result_units x
      where x.project_id = project and x.person = p.person and x.tracker = tracked.id offset 0) u) o
  where r.tracker = tracked.id and r.unit = o.unit and o.head <> o.first;
  return last;
end
$$;
revoke execute on function nunchi.result_list(nunchi.result_trackers, integer) from public;

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

-- The facts that count for these units of a tracked revision, by the rule of conversions_of(): an event is of the unit
-- whose value it carries (of two the first exposed), else of its person's first-exposed unit. Part of result_refresh().
-- Each `offset 0` keeps a look-up by index what it is: as a join Postgres may read all facts for some of them.
create or replace function nunchi.result_owned(tracked nunchi.result_trackers, units text[])
returns table (unit text, part integer, event_id uuid, occurred_at timestamptz, amount numeric, fault text)
language plpgsql stable set search_path = '' set jit = off set enable_seqscan = off set enable_nestloop = off set enable_hashjoin = on
  set enable_mergejoin = on set work_mem = '64MB' as $$
#variable_conflict use_column
begin
  return query
  with recursive asked as materialized (
    select r.*, case when r.attribute in ('anonymousId', 'userId') then r.attribute else '' end as kind
    from nunchi.result_units r where r.tracker = tracked.id and r.unit = any (result_owned.units)
  ), reach (person, id, depth) as (
    -- Whoever may be one of these persons; who is, is asked below.
    select distinct a.person, a.person, 0 from asked a where a.head
    union
    select r.person, n.previous_id, r.depth + 1 from reach r
    cross join lateral (select a.previous_id from nunchi.aliases a
      where a.project_id = tracked.project_id and a.user_id = r.id offset 0) n where r.depth < 33
  ), named as materialized (
    select distinct r.person, r.id from reach r
    where case when r.id = r.person and not exists (select from nunchi.aliases l
        where l.project_id = tracked.project_id and l.previous_id = r.id offset 0) then true
      else nunchi.person_of(tracked.project_id, r.id, null) = r.person end
  ), others as materialized (
    -- Visitors whose events name nobody; a unit that goes by anonymousId has such events by their own value only.
    select r.person, r.id from reach r
    where r.person in (select a.person from asked a where a.head and a.kind <> 'anonymousId')
  ), unnamed as materialized (
    select distinct v.person, v.id from (
      select o.person, o.id from others o
      union
      select o.person, n.anonymous_id from others o
      cross join lateral (select i.anonymous_id from nunchi.identities i
        where i.project_id = tracked.project_id and i.user_id = o.id offset 0) n) v
    where nunchi.person_of(tracked.project_id, null, v.id) = v.person
  ), own as (
    select a.unit, f.* from asked a
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.anonymous_id = a.unit offset 0) f
    where a.kind = 'anonymousId'
      and not exists (select from nunchi.result_units o where o.tracker = tracked.id and o.unit = f.user_id
        and o.attribute = 'userId' and (o.assigned_at, o.event_id) < (a.assigned_at, a.event_id) offset 0)
    union all
    select a.unit, f.* from asked a
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.user_id = a.unit offset 0) f
    where a.kind = 'userId'
      and not exists (select from nunchi.result_units o where o.tracker = tracked.id and o.unit = f.anonymous_id
        and o.attribute = 'anonymousId' and (o.assigned_at, o.event_id) < (a.assigned_at, a.event_id) offset 0)
  ), through as (
    select a.unit, a.person, a.kind, a.assigned_at, a.event_id as exposure, f.* from asked a
    join named n on n.person = a.person
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.user_id = n.id and x.anonymous_id is null offset 0) f
    where a.head and a.kind <> 'userId'
    union all
    select a.unit, a.person, a.kind, a.assigned_at, a.event_id, f.* from asked a
    join named n on n.person = a.person
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.user_id = n.id and x.anonymous_id is not null offset 0) f
    where a.head and a.kind = ''
    union all
    select a.unit, a.person, a.kind, a.assigned_at, a.event_id, f.* from asked a
    join unnamed n on n.person = a.person
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.anonymous_id = n.id and x.user_id is null offset 0) f
    where a.head and a.kind <> 'anonymousId'
  )
  select o.unit, o.part, o.event_id, o.occurred_at, o.amount, o.fault from own o
  union all
  select t.unit, t.part, t.event_id, t.occurred_at, t.amount, t.fault from through t
  where not exists (select from nunchi.result_units o where o.tracker = tracked.id and o.unit = t.anonymous_id
      and o.attribute = 'anonymousId' offset 0)
    and not exists (select from nunchi.result_units o where o.tracker = tracked.id and o.unit = t.user_id
      and o.attribute = 'userId' offset 0)
    -- Of a person's several first units the first one has it.
    and not exists (select from nunchi.result_units o where o.project_id = tracked.project_id and o.person = t.person
      and o.tracker = tracked.id and o.head and o.unit <> t.unit
      and (o.assigned_at, o.event_id) < (t.assigned_at, t.exposure)
      and case o.attribute when 'anonymousId' then t.anonymous_id is null when 'userId' then t.user_id is null else true end offset 0);
end
$$;
revoke execute on function nunchi.result_owned(nunchi.result_trackers, text[]) from public;

-- The units of a tracked revision that events of these pairs of ids may count for: those of the ids' own values, and the
-- first-exposed ones of the persons behind them. Part of result_advance() and result_exposed().
create or replace function nunchi.result_owners(tracked nunchi.result_trackers, visitors text[], users text[]) returns text[]
language sql stable set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  select array(
    select r.unit from nunchi.result_units r where r.tracker = tracked.id and r.unit = any (visitors || users)
    union
    select r.unit
    from (select distinct case when exists (select from nunchi.aliases l where l.project_id = tracked.project_id
          and l.previous_id = coalesce(p.u, i.user_id, p.v) offset 0)
        then nunchi.person_of(tracked.project_id, p.u, p.v) else coalesce(p.u, i.user_id, p.v) end as id
      from (select distinct v, u from unnest(visitors, users) t (v, u)) p
      left join lateral (select y.user_id from nunchi.identities y
        where y.project_id = tracked.project_id and y.anonymous_id = p.v offset 0) i on true) person
    cross join lateral (select x.unit, x.head from nunchi.result_units x
      where x.project_id = tracked.project_id and x.person = person.id and x.tracker = tracked.id offset 0) r
    where r.head)
$$;
revoke execute on function nunchi.result_owners(nunchi.result_trackers, text[], text[]) from public;

-- Sees to it that what a project's metrics and experiments need is kept, and nothing else; answers whether that changed.
-- Kept are the metrics that judge an experiment, for each revision that is no draft. Part of prepare_results().
create or replace function nunchi.result_prepare(project uuid) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  wanted jsonb;
  made integer;
begin
  select coalesce(jsonb_agg(jsonb_build_object('environment', e.environment, 'experiment', e.key, 'revision', e.revision,
    'plan', nunchi.metric_plan(m.definition))), '[]')
  into wanted
  from nunchi.experiments e join nunchi.metrics m on m.project_id = e.project_id
  where e.project_id = project and e.status <> 'draft'
    and (m.definition -> 'experiments' is null or m.definition -> 'experiments' ? e.key);
  -- Of a revision that is over, the metrics that still stand.
  wanted := wanted || coalesce((select jsonb_agg(jsonb_build_object('environment', t.environment, 'experiment', t.experiment,
      'revision', t.revision, 'plan', w.plan))
    from nunchi.result_trackers t join (select distinct w ->> 'environment' as environment, w ->> 'experiment' as experiment,
      w -> 'plan' as plan from jsonb_array_elements(wanted) w) w using (environment, experiment)
    where t.project_id = project), '[]');

  delete from nunchi.result_metrics r using nunchi.result_trackers t
  where t.id = r.tracker and t.project_id = project and not exists (select from jsonb_array_elements(wanted) w
    where w ->> 'environment' = t.environment and w ->> 'experiment' = t.experiment
      and (w ->> 'revision')::integer = t.revision and w -> 'plan' = r.plan);
  delete from nunchi.result_sums s using nunchi.result_trackers t
  where t.id = s.tracker and t.project_id = project and s.metric <> 0
    and not exists (select from nunchi.result_metrics r where r.id = s.metric);
  delete from nunchi.result_trackers t where t.project_id = project
    and not exists (select from nunchi.result_metrics r where r.tracker = t.id);
  update nunchi.metric_parts p set wanted = false where p.project_id = project and p.wanted and not exists (
    select from nunchi.result_metrics r where r.project_id = project and p.id = any (r.parts));

  if not exists (
    select from jsonb_array_elements(wanted) w where not exists (
      select from nunchi.result_trackers t join nunchi.result_metrics r on r.tracker = t.id
      where t.project_id = project and t.environment = w ->> 'environment' and t.experiment = w ->> 'experiment'
        and t.revision = (w ->> 'revision')::integer and r.plan = w -> 'plan'))
  then
    return false;
  end if;
  -- Who is processing now does not see what is made here: when they are done, nothing is missed.
  perform pg_advisory_xact_lock(hashtext('nunchi.recount'));
  insert into nunchi.metric_parts as m (project_id, environment, part)
  select distinct project, w ->> 'environment', p.part
  from jsonb_array_elements(wanted) w cross join jsonb_array_elements(w -> 'plan' -> 'parts') p (part)
  on conflict (project_id, environment, part) do update set wanted = true, filled_from = 'infinity'
  where not m.wanted;
  insert into nunchi.result_trackers (project_id, environment, experiment, revision, first_at)
  select project, d.environment, d.experiment, d.revision, (select min(a.assigned_at) from nunchi.experiment_assignments a
    where a.project_id = project and a.environment = d.environment and a.experiment = d.experiment and a.revision = d.revision)
  from (select distinct w ->> 'environment' as environment, w ->> 'experiment' as experiment,
    (w ->> 'revision')::integer as revision from jsonb_array_elements(wanted) w) d
  on conflict do nothing;
  with added as (
    insert into nunchi.result_metrics (project_id, tracker, plan, parts)
    select distinct project, t.id, w -> 'plan', array(
      select m.id from jsonb_array_elements(w -> 'plan' -> 'parts') with ordinality p (part, n)
      join nunchi.metric_parts m on m.project_id = project and m.environment = w ->> 'environment' and m.part = p.part
      order by p.n)
    from jsonb_array_elements(wanted) w
    join nunchi.result_trackers t on t.project_id = project and t.environment = w ->> 'environment'
      and t.experiment = w ->> 'experiment' and t.revision = (w ->> 'revision')::integer
    on conflict do nothing
    returning tracker)
  update nunchi.result_trackers t set built = '' from added a where t.id = a.tracker;
  get diagnostics made = row_count;
  return made > 0;
end
$$;
revoke execute on function nunchi.result_prepare(uuid) from public;

-- Adds up these units of a tracked revision anew, each whole, from what had happened by `at`. result_sums follow by a
-- trigger. Part of result_advance() and result_build().
create or replace function nunchi.result_refresh(tracked nunchi.result_trackers, units text[], at timestamptz) returns void
language sql set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  update nunchi.result_units r set moments = f.moments, faults = f.faults
  -- By its place, so that nobody reads the table for it. Whoever changes units holds the project's lock.
  from (select m.moments, m.faults, o.place from nunchi.result_moments(tracked, units, at) m
    cross join lateral (select u.ctid as place from nunchi.result_units u where u.tracker = tracked.id and u.unit = m.unit
      and (u.moments, u.faults) is distinct from (m.moments, m.faults) offset 0) o) f
  where r.ctid = f.place
$$;
revoke execute on function nunchi.result_refresh(nunchi.result_trackers, text[], timestamptz) from public;

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

-- Notes where counting ends in the experiments of a project, and touches whoever did something that now counts, or no
-- longer does. Part of prepare_results() and summarize().
create or replace function nunchi.result_until(project uuid) returns void
language plpgsql set search_path = '' set jit = off as $$
declare
  moved record;
begin
  for moved in
    select t.id, t.environment, t.until as was, date_trunc('milliseconds', e.ended_at) as ends
    from nunchi.result_trackers t
    left join nunchi.experiments e on e.project_id = t.project_id and e.environment = t.environment and e.key = t.experiment
    where t.project_id = project and t.until is distinct from date_trunc('milliseconds', e.ended_at)
  loop
    update nunchi.result_trackers t set until = moved.ends where t.id = moved.id;
    insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, who)
    select distinct project, moved.environment, f.anonymous_id, f.user_id, false
    from nunchi.metric_facts f
    where f.project_id = project and f.occurred_at >= least(moved.was, moved.ends)
      and f.part in (select unnest(r.parts) from nunchi.result_metrics r where r.tracker = moved.id);
  end loop;
end
$$;
revoke execute on function nunchi.result_until(uuid) from public;

-- One variant's statistics as summarize() answers them, from exact sums over its units: of y, b, x, z and of the products
-- yy, yb, yx, yz, bb, bx, bz, xx, xz, zz, in this order. The covariance of u and v is (n·Σuv − Σu·Σv) / (n·(n − 1)), exact
-- up to its last step.
create or replace function nunchi.result_variant(variant text, units bigint, multiple bigint, sums numeric[], around jsonb)
returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('variant', variant, 'multiple', multiple, 'units', units)
    || case when units > 0 then jsonb_build_object('sums', jsonb_build_array(trim_scale(sums[1])::text, trim_scale(sums[2])::text),
      'means', (select jsonb_agg((sums[i] / units)::float8 order by i) from generate_series(1, 4) i),
      'covariance', (select jsonb_agg(r.line order by r.i) from (
        select i, jsonb_agg(case when units > 1 then
          ((units * sums[4 + p.at[i][j]] - sums[i] * sums[j]) / (units::numeric * (units - 1)))::float8 end order by j) as line
        from (select '{{1,2,3,4},{2,5,6,7},{3,6,8,9},{4,7,9,10}}'::integer[] as at) p,
          generate_series(1, 4) i, generate_series(1, 4) j
        group by i) r)) else '{}' end
    || case when around is null then '{}' else jsonb_build_object('order', around) end
$$;
revoke execute on function nunchi.result_variant(text, bigint, bigint, numeric[], jsonb) from public;

-- { projectId, environment, experiment, revision? } → null where no config ever had that experiment, else { revision,
-- definition, status, endedAt, revisions, asOf, now, firstAt, lastAt, variants: [{ variant, units, multiple }], failures,
-- metrics: [{ key, definition }] }: all that results need besides the summaries. Without a revision it is the newest.
-- `definition` is null where no config had that revision, `asOf` where nothing waits to be counted. Times in ms. Run by the
-- owner, and for keys by results_frame_by_key().
create or replace function nunchi.results_frame(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  kept constant boolean := nunchi.result_current((args ->> 'projectId')::uuid, args ->> 'environment', 4000);
  result jsonb;
begin
  with asked as materialized (
    select (args ->> 'projectId')::uuid as project, args ->> 'environment' as env, args ->> 'experiment' as key
  ), published as materialized (
    select c.number, c.definition -> 'experiments' -> a.key as said
    from asked a join nunchi.config_versions c on c.project_id = a.project and c.environment = a.env
    where c.definition -> 'experiments' ? a.key
  ), which as materialized (
    select coalesce((args ->> 'revision')::integer,
      (select (p.said ->> 'revision')::integer from published p order by p.number desc limit 1)) as revision
  ), tracked as materialized (
    select t.id from asked a cross join which w join nunchi.result_trackers t on t.project_id = a.project
      and t.environment = a.env and t.experiment = a.key and t.revision = w.revision and t.built is null
    where kept
  ), seen as materialized (
    select t.variant, count(*) filter (where not t.multiple) as units, count(*) filter (where t.multiple) as multiple,
      min(t.assigned_at) as first, max(t.assigned_at) as last
    from asked a cross join which w
    join nunchi.experiment_assignments t on t.project_id = a.project and t.environment = a.env
      and t.experiment = a.key and t.revision = w.revision
    where not exists (select from tracked)
    group by 1
    union all
    select s.variant, sum(s.units)::bigint, sum(s.multiple)::bigint,
      (select min(u.assigned_at) from nunchi.result_units u where u.tracker = t.id),
      (select max(u.assigned_at) from nunchi.result_units u where u.tracker = t.id)
    from tracked t join nunchi.result_sums s on s.tracker = t.id and s.metric = 0
    group by t.id, 1 having sum(s.units + s.multiple) > 0
  )
  select jsonb_build_object('revision', w.revision,
    'definition', (select p.said from published p where (p.said ->> 'revision')::integer = w.revision
      order by p.number desc limit 1),
    'revisions', (select jsonb_agg(distinct (p.said -> 'revision')) from published p),
    'status', (select e.status from nunchi.experiments e
      where e.project_id = a.project and e.environment = a.env and e.key = a.key),
    'endedAt', (select floor(extract(epoch from e.ended_at) * 1000) from nunchi.experiments e
      where e.project_id = a.project and e.environment = a.env and e.key = a.key),
    'asOf', case when kept then nunchi.result_as_of(a.project, a.env) end,
    'now', floor(extract(epoch from clock_timestamp()) * 1000),
    'firstAt', (select floor(extract(epoch from min(s.first)) * 1000) from seen s),
    'lastAt', (select floor(extract(epoch from max(s.last)) * 1000) from seen s),
    'variants', (select coalesce(jsonb_agg(jsonb_build_object('variant', s.variant, 'units', s.units,
      'multiple', s.multiple) order by s.variant collate "C"), '[]') from seen s),
    'failures', (select coalesce(jsonb_object_agg(f.fault, f.events), '{}') from (
      select split_part(r.name, ':', 1) as fault, sum(r.events) as events from nunchi.rollup_days r
      where r.project_id = a.project and r.environment = a.env and r.kind = 'experiment_failure'
        and (strpos(r.name, ':') = 0 or substr(r.name, strpos(r.name, ':') + 1) = a.key)
        and r.day >= date(coalesce((select min(s.first) from seen s), clock_timestamp())) - 1
      group by 1) f),
    'metrics', nunchi.list_metrics(jsonb_build_object('projectId', a.project)))
  into result
  from asked a cross join which w
  where exists (select from published);
  return result;
end
$$;
revoke execute on function nunchi.results_frame(jsonb) from public;

-- { keyHash, … } → as results_frame(), or { error: 'key_unknown' | 'key_not_allowed' }: project and environment are the
-- key's, which needs the scope results:read.
create or replace function nunchi.results_frame_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['results:read']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.results_frame(args || key);
end
$$;
revoke execute on function nunchi.results_frame_by_key(jsonb) from public;
grant execute on function nunchi.results_frame_by_key(jsonb) to nunchi_app;

-- { limit?, now? } → { dropped: [partition], removed: { table: rows }, more }: removes what is older than its project
-- keeps, at most `limit` (10,000) rows a call; to be called again while there is `more`. Whole months are dropped
-- where no project needs them, one a call. `now` (ms) is another clock, for the owner alone.
create or replace function nunchi.retain(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  at timestamptz := now();
  room integer := least(coalesce((args ->> 'limit')::integer, 10000), 100000);
  dropped text[] := '{}';
  removed jsonb := '{}';
  project record;
  one record;
begin
  if args ->> 'now' is not null then
    -- Within a definer function the current role is always the owner; this is who called.
    if coalesce(nullif(current_setting('role', true), 'none'), session_user) in ('nunchi_app', 'nunchi_member') then
      raise insufficient_privilege using message = 'Only the owner may give retain() another clock.';
    end if;
    at := to_timestamp((args ->> 'now')::bigint / 1000.0);
  end if;
  -- Somebody else at it will do as well.
  if not pg_try_advisory_xact_lock(hashtext('nunchi.retain')) then
    return jsonb_build_object('dropped', '[]'::jsonb, 'removed', '{}'::jsonb, 'more', false);
  end if;

  for one in select * from nunchi.retain_months(at) m loop
    dropped := dropped || nunchi.drop_partition(one.name, at);
    -- Nobody can write until this commits.
    exit;
  end loop;
  if dropped <> '{}' then
    return jsonb_build_object('dropped', dropped, 'removed', removed, 'more', true);
  end if;
  for project in select p.id, p.retention_days from nunchi.projects p order by p.id loop
    for one in select * from nunchi.retain_rows(project.id, at - make_interval(days => project.retention_days), at, room) loop
      room := room - one.gone;
      removed := removed || jsonb_build_object(one.name, coalesce((removed ->> one.name)::bigint, 0) + one.gone);
      perform nunchi.audit(project.id, 'job:retention', 'retention.remove', one.name, null,
        jsonb_build_object('rows', one.gone, 'days', project.retention_days));
    end loop;
    exit when room <= 0;
  end loop;
  return jsonb_build_object('dropped', dropped, 'removed', removed, 'more', room <= 0);
end
$$;
revoke execute on function nunchi.retain(jsonb) from public;
grant execute on function nunchi.retain(jsonb) to nunchi_app;

-- The months of events that no project needs any more: past for each project that has a row there, and older than
-- what make_partitions() would make again. Part of retain().
create or replace function nunchi.retain_months(at timestamptz) returns table (name text)
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
declare
  month record;
  needed boolean;
begin
  for month in
    select c.relname::text as name, to_date(right(c.relname, 7), 'YYYY_MM')::timestamptz + interval '1 month' as ends
    from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'nunchi.analytics_events'::regclass and c.relname ~ '_\d{4}_\d\d$'
    order by c.relname
  loop
    continue when month.ends > date_trunc('month', at - interval '32 days')
      or month.ends + interval '48 hours' > at - make_interval(days => (select min(p.retention_days) from nunchi.projects p));
    -- An event lies within 48 hours of its id, but for those of a suspect clock.
    execute format('
      select exists (
        select from nunchi.projects p
        where (p.retention_days is null or $1 + interval ''48 hours'' > $2 - make_interval(days => p.retention_days))
          and exists (select from nunchi.%1$I e where e.project_id = p.id)
      ) or exists (
        select from nunchi.projects p join nunchi.%1$I e on e.project_id = p.id and e.clock_suspect
          and e.occurred_at >= $2 - make_interval(days => p.retention_days))', month.name)
    into needed using month.ends, at;
    continue when needed is not false;
    name := month.name;
    return next;
  end loop;
end
$$;
revoke execute on function nunchi.retain_months(timestamptz) from public;

-- Deletes at most `room` rows of a project that lie before its horizon (null: it keeps its events), and answers how
-- many of which table. What no question needs goes after 90 days (rejects) or 400 (reported drops) in any case.
-- Part of retain().
create or replace function nunchi.retain_rows(project uuid, horizon timestamptz, at timestamptz, room integer)
returns table (name text, gone bigint)
language plpgsql set search_path = '' as $$
declare
  rule record;
begin
  for rule in
    select * from (values
      -- By the id's time to within 48 hours, so that only old months are opened.
      ('analytics_events', horizon, 'select e.tableoid, e.ctid from nunchi.analytics_events e where e.project_id = $1
        and e.id < nunchi.uuid_floor($2 + interval ''48 hours'') and e.occurred_at < $2
        and e.tableoid <> ''nunchi.analytics_events_default''::regclass'),
      ('analytics_events', horizon, 'select e.tableoid, e.ctid from nunchi.analytics_events e where e.project_id = $1
        and e.clock_suspect and e.occurred_at < $2 and e.tableoid <> ''nunchi.analytics_events_default''::regclass'),
      -- Their ids tell nothing of when; only we know when they came.
      ('analytics_events_default', horizon, 'select e.tableoid, e.ctid from nunchi.analytics_events_default e
        where e.project_id = $1 and e.received_at < $2'),
      ('sessions', horizon, 'select e.tableoid, e.ctid from nunchi.sessions e where e.project_id = $1 and e.ended_at < $2'),
      ('experiment_assignments', horizon, 'select e.tableoid, e.ctid from nunchi.experiment_assignments e
        where e.project_id = $1 and e.assigned_at < $2'),
      ('experiment_conversions', horizon, 'select e.tableoid, e.ctid from nunchi.experiment_conversions e
        where e.project_id = $1 and e.occurred_at < $2'),
      ('metric_facts', horizon, 'select e.tableoid, e.ctid from nunchi.metric_facts e where e.project_id = $1 and e.occurred_at < $2'),
      ('interactions', horizon, 'select e.tableoid, e.ctid from nunchi.interactions e where e.project_id = $1 and greatest(e.last_at, e.dismissed_at) < $2'),
      ('user_preferences', horizon, 'select e.tableoid, e.ctid from nunchi.user_preferences e where e.project_id = $1 and e.updated_at < $2'),
      ('minute_visitors', horizon, 'select e.tableoid, e.ctid from nunchi.minute_visitors e where e.project_id = $1 and e.minute < $2'),
      ('daily_visitors', horizon, 'select e.tableoid, e.ctid from nunchi.daily_visitors e where e.project_id = $1 and e.day < ($2 at time zone ''UTC'')::date - 1'),
      ('event_rejects', greatest(horizon, at - interval '90 days'), 'select e.tableoid, e.ctid from nunchi.event_rejects e
        where e.project_id = $1 and e.received_at < $2'),
      ('sdk_drops', greatest(horizon, at - interval '400 days'), 'select e.tableoid, e.ctid from nunchi.sdk_drops e
        where e.project_id = $1 and e.day < ($2 at time zone ''UTC'')::date')
    ) r (name, before, which)
  loop
    exit when room <= 0;
    continue when rule.before is null;
    execute format('delete from nunchi.%I d using (%s limit $3) old where d.tableoid = old.tableoid and d.ctid = old.ctid',
      rule.name, rule.which)
    using project, rule.before, room;
    get diagnostics gone = row_count;
    room := room - gone;
    if gone > 0 then
      name := rule.name;
      return next;
    end if;
  end loop;
end
$$;
revoke execute on function nunchi.retain_rows(uuid, timestamptz, timestamptz, integer) from public;

-- { keyId | hash | hint, actor? } → { revoked: [{ keyId, hint }] }: the keys that this call revoked; empty where
-- none fits or it was revoked before. An audit row for each. A hint that fits several keys revokes none and says so.
create or replace function nunchi.revoke_key(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  fits integer[];
  revoked jsonb;
begin
  select array_agg(k.id) into fits
  from nunchi.api_keys k
  where k.revoked_at is null
    and (k.id::text = args ->> 'keyId' or k.hash = args ->> 'hash' or k.hint = args ->> 'hint');
  if cardinality(fits) > 1 then
    raise invalid_parameter_value using message = format(
      'The hint %L fits %s keys; name one by its keyId: %s.', args ->> 'hint', cardinality(fits), fits::text);
  end if;
  with done as (
    update nunchi.api_keys k set revoked_at = now() where k.id = any (fits) and k.revoked_at is null
    returning k.id, k.hint
  )
  select coalesce(jsonb_agg(jsonb_build_object('keyId', d.id::text, 'hint', d.hint)), '[]') into revoked from done d;
  perform nunchi.audit(k.project_id, args ->> 'actor', 'key.revoke', k.id::text, '{"revoked_at": null}',
    jsonb_build_object('revoked_at', k.revoked_at))
  from nunchi.api_keys k where k.id = any (fits) and revoked <> '[]';
  return jsonb_build_object('revoked', revoked);
end
$$;
revoke execute on function nunchi.revoke_key(jsonb) from public;

-- Whether a rule of the settings is about a list and a type. Part of recommend().
create or replace function nunchi.rule_holds(rule jsonb, list text, type text) returns boolean
language sql immutable set search_path = '' as $$
  select (not rule ? 'lists' or rule -> 'lists' ? list) and (not rule ? 'types' or rule -> 'types' ? type)
$$;
revoke execute on function nunchi.rule_holds(jsonb, text, text) from public;

-- The candidates of one type as the settings' rules leave them, best first: without those that a filter does not let
-- through, scores multiplied by boosts. Part of recommend(). A condition that SQL may not decide lets nothing through.
create or replace function nunchi.ruled_candidates(given nunchi.candidate[], list text, rules jsonb) returns nunchi.candidate[]
language plpgsql stable set search_path = '' as $$
declare
  applying constant jsonb := (select jsonb_agg(r) from jsonb_array_elements(rules) r
    where nunchi.rule_holds(r, list, given[1].type) and (r ? 'filter' or r ? 'boost'));
begin
  if applying is null then
    return given;
  end if;
  return (
    select array_agg(row(b.type, b.id, b.score * b.boost, b.near, b.popular, b.known, b.seed, b.source, b.part, b.fresh,
      b.title, b.url, b.image, b.tags, b.attributes)::nunchi.candidate order by b.score * b.boost desc, b.n)
    from (
      select g.*, coalesce((
        select exp(sum(ln((r ->> 'boost')::double precision))) from jsonb_array_elements(applying) r
        where r ? 'boost' and nunchi.matches_condition(coalesce(r -> 'when', '{}'), a.told)), 1) as boost
      from unnest(given) with ordinality g (type, id, score, near, popular, known, seed, source, part, fresh, title, url,
        image, tags, attributes, n)
      cross join lateral (select g.attributes || jsonb_build_object('id', g.id, 'type', g.type, 'tags', g.tags) as told) a
      where not exists (select from jsonb_array_elements(applying) r
        where r ? 'filter' and nunchi.matches_condition(r -> 'filter', a.told) is not true)
    ) b);
end
$$;
revoke execute on function nunchi.ruled_candidates(nunchi.candidate[], text, jsonb) from public;

-- JavaScript's === of two values of JSON: lists and objects never equal; null for numbers that it would round away.
create or replace function nunchi.same_value(one jsonb, other jsonb) returns boolean
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  kind constant text := jsonb_typeof(one);
begin
  if kind <> jsonb_typeof(other) or kind in ('array', 'object') then return false; end if;
  if kind <> 'number' then return one = other; end if;
  return nunchi.json_number(one) = nunchi.json_number(other);
end
$$;
revoke execute on function nunchi.same_value(jsonb, jsonb) from public;

-- { keyHash, items: [Item] } → { accepted, unchanged, rejected: [{ index, id?, code, detail, fix }] }, or { error:
-- 'key_unknown' | 'key_not_allowed' }: writes up to 1,000 items; the key needs the scope items:write. Items beside a bad
-- one are kept; the same again is `unchanged`.
create or replace function nunchi.set_items(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['items:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.put_items((key ->> 'projectId')::uuid, key ->> 'environment', args -> 'items');
end
$$;
revoke execute on function nunchi.set_items(jsonb) from public;
grant execute on function nunchi.set_items(jsonb) to nunchi_app;

-- { projectId, environment, items } → as set_items(). Run by the owner.
create or replace function nunchi.set_items_of(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  select nunchi.put_items((args ->> 'projectId')::uuid, args ->> 'environment', args -> 'items')
$$;
revoke execute on function nunchi.set_items_of(jsonb) from public;

-- { projectId, userId, role, actor? } → { projectId, userId, role }: lets a person see a project, or changes how;
-- role null takes the person out. `userId` is the `sub` of their token. One audit row.
create or replace function nunchi.set_member(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  held constant text := (select m.role from nunchi.project_members m
    where m.project_id = (args ->> 'projectId')::uuid and m.user_id = args ->> 'userId');
begin
  if args ->> 'role' is null then
    delete from nunchi.project_members m
    where m.project_id = (args ->> 'projectId')::uuid and m.user_id = args ->> 'userId';
  else
    insert into nunchi.project_members (project_id, user_id, role)
    values ((args ->> 'projectId')::uuid, args ->> 'userId', args ->> 'role')
    on conflict (project_id, user_id) do update set role = excluded.role;
  end if;
  perform nunchi.audit((args ->> 'projectId')::uuid, args ->> 'actor', 'member.set', args ->> 'userId',
    jsonb_build_object('role', held), jsonb_build_object('role', args ->> 'role'));
  return jsonb_build_object('projectId', args ->> 'projectId', 'userId', args ->> 'userId', 'role', args ->> 'role');
end
$$;
revoke execute on function nunchi.set_member(jsonb) from public;

-- { projectId, key, definition, actor? } → { before }: makes or replaces a metric; definition null takes it away.
-- `before` is what it was, or null. Run by the owner; the caller has validated the definition.
create or replace function nunchi.set_metric(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  next constant jsonb := nullif(args -> 'definition', 'null');
  before jsonb;
begin
  select m.definition into before from nunchi.metrics m
  where m.project_id = project and m.key = args ->> 'key' for update;
  if next is null then
    delete from nunchi.metrics m where m.project_id = project and m.key = args ->> 'key';
  else
    insert into nunchi.metrics as m (project_id, key, definition) values (project, args ->> 'key', next)
    on conflict (project_id, key) do update set definition = excluded.definition, updated_at = clock_timestamp();
  end if;
  if next is distinct from before then
    perform nunchi.audit(project, args ->> 'actor', case when next is null then 'metric.delete' else 'metric.set' end,
      args ->> 'key', before, next);
  end if;
  return jsonb_build_object('before', before);
end
$$;
revoke execute on function nunchi.set_metric(jsonb) from public;

-- { keyHash, key, definition } → as set_metric(), or { error: 'key_unknown' | 'key_not_allowed' }: project and actor are
-- the key's, which needs the scope config:write.
create or replace function nunchi.set_metric_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  who constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:write']);
begin
  if who ? 'error' then
    return who;
  end if;
  return nunchi.set_metric(args || who);
end
$$;
revoke execute on function nunchi.set_metric_by_key(jsonb) from public;
grant execute on function nunchi.set_metric_by_key(jsonb) to nunchi_app;

-- { projectId, environment, kind, key, to: 'running' | 'paused' | 'stopped', reason, actor } → { ramp } | { error:
-- 'ramp_not_found' } | { error: 'ramp_not_allowed', state }: resumes, pauses or stops the newest ramp of a flag or
-- experiment, with a row in the audit log; the config in force stays as it is. Run by the owner, and for keys by
-- set_ramp_state_by_key().
create or replace function nunchi.set_ramp_state(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := (args ->> 'projectId')::uuid;
  env constant text := args ->> 'environment';
  next constant text := args ->> 'to';
  one nunchi.ramps;
begin
  select * into one from nunchi.ramps r
  where r.project_id = project and r.environment = env and r.kind = args ->> 'kind' and r.key = args ->> 'key'
  order by r.started_at desc limit 1 for update;
  if one.id is null then
    return jsonb_build_object('error', 'ramp_not_found');
  end if;
  if next = one.state or one.state not in ('running', 'paused') or next not in ('running', 'paused', 'stopped') then
    return jsonb_build_object('error', 'ramp_not_allowed', 'state', one.state);
  end if;
  update nunchi.ramps r set state = next, reason = args -> 'reason', turn = r.turn + 1, updated_at = clock_timestamp(),
    next_look_at = clock_timestamp(), ended_at = case when next = 'stopped' then clock_timestamp() end
  where r.project_id = project and r.environment = env and r.id = one.id;
  perform nunchi.audit(project, args ->> 'actor',
    case next when 'running' then 'ramp.resume' when 'paused' then 'ramp.pause' else 'ramp.stop' end,
    env || '/' || one.kind || '/' || one.key, jsonb_build_object('state', one.state, 'step', one.step),
    jsonb_build_object('state', next, 'step', one.step));
  return jsonb_build_object('ramp', nunchi.ramp_told(one.id));
end
$$;
revoke execute on function nunchi.set_ramp_state(jsonb) from public;

-- { keyHash, … } → as set_ramp_state(), or { error: 'key_unknown' | 'key_not_allowed' }: project, environment and actor are the
-- key's, which needs the scope config:write.
create or replace function nunchi.set_ramp_state_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.set_ramp_state(args || key);
end
$$;
revoke execute on function nunchi.set_ramp_state_by_key(jsonb) from public;
grant execute on function nunchi.set_ramp_state_by_key(jsonb) to nunchi_app;

-- { role, projectId, granted, actor? } → { exists, member, superuser, bypassRls, changed }: lets a login role
-- read a project through the views of nunchi_data, or (granted false) no longer. It says how the role stands;
-- making the login and `grant nunchi_reader to` it are for the administrator of the server.
create or replace function nunchi.set_reader(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  reader constant name := args ->> 'role';
  project constant uuid := args ->> 'projectId';
  granted constant boolean := coalesce((args ->> 'granted')::boolean, true);
  changed integer;
begin
  if coalesce(args ->> 'role', '') = '' or octet_length(args ->> 'role') > 63
    or reader in ('nunchi_owner', 'nunchi_app', 'nunchi_member', 'nunchi_reader', 'public') then
    raise invalid_parameter_value using message = format(
      '%L cannot be a reader; name a login role of its own, such as metabase.', args ->> 'role');
  end if;
  if granted then
    insert into nunchi.reader_grants (role_name, project_id) values (reader, project) on conflict do nothing;
  else
    delete from nunchi.reader_grants g where g.role_name = reader and g.project_id = project;
  end if;
  get diagnostics changed = row_count;
  if changed > 0 then
    perform nunchi.audit(project, args ->> 'actor', case when granted then 'reader.add' else 'reader.remove' end,
      reader, null, null);
  end if;
  return jsonb_build_object('changed', changed > 0) || coalesce((
    select jsonb_build_object('exists', true, 'member', pg_has_role(r.oid, 'nunchi_reader', 'member'),
      'superuser', r.rolsuper, 'bypassRls', r.rolbypassrls)
    from pg_catalog.pg_roles r where r.rolname = reader
  ), jsonb_build_object('exists', false, 'member', false, 'superuser', false, 'bypassRls', false));
end
$$;
revoke execute on function nunchi.set_reader(jsonb) from public;

-- { keyHash, … } → as set_recommendation_settings_of(), or { error: 'key_unknown' | 'key_not_allowed' }: project and environment are the
-- key's, which needs the scope config:write.
create or replace function nunchi.set_recommendation_settings_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.set_recommendation_settings_of(args || key);
end
$$;
revoke execute on function nunchi.set_recommendation_settings_by_key(jsonb) from public;
grant execute on function nunchi.set_recommendation_settings_by_key(jsonb) to nunchi_app;

-- { projectId, environment, definition, actor? } → { before }: what recommendations are made by; definition null takes
-- it back to the defaults. Run by the owner; the caller has validated it. Where it changes how much things weigh, all
-- items are computed anew; `events` and `weights` hold for events to come.
create or replace function nunchi.set_recommendation_settings_of(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  next constant jsonb := nullif(args -> 'definition', 'null');
  before jsonb;
  old constant jsonb := nunchi.recommendation_settings_in(project, env);
  new jsonb;
begin
  select s.definition into before from nunchi.recommendation_settings s
  where s.project_id = project and s.environment = env for update;
  if next is not distinct from before then
    return jsonb_build_object('before', before);
  end if;
  if next is null then
    delete from nunchi.recommendation_settings s where s.project_id = project and s.environment = env;
  else
    insert into nunchi.recommendation_settings as s (project_id, environment, definition) values (project, env, next)
    on conflict (project_id, environment) do update set definition = excluded.definition, updated_at = clock_timestamp();
  end if;
  new := nunchi.recommendation_settings_in(project, env);
  if exists (select from unnest(array['cap', 'halfLifeDays', 'popularityHalfLifeDays', 'networkCap', 'shrinkage']) k
    where old -> k is distinct from new -> k)
  then
    insert into nunchi.item_changes as c (project_id, environment, item, shard)
    select project, env, i.id, -1 from nunchi.items i
    where i.project_id = project and i.environment = env and i.deleted_at is null order by i.id
    on conflict (project_id, environment, item, shard) do update set since = c.since;
  end if;
  update nunchi.recommendation_catalogs c set version = c.version + 1, changed_at = clock_timestamp()
  where c.project_id = project and c.environment = env;
  perform nunchi.audit(project, args ->> 'actor', case when next is null then 'recommendations.reset' else 'recommendations.set' end,
    env, before, next);
  return jsonb_build_object('before', before);
end
$$;
revoke execute on function nunchi.set_recommendation_settings_of(jsonb) from public;

-- { projectId, days, actor? } → { projectId, days, before }: how many days a project's events are kept after they
-- occurred; days null keeps them.
create or replace function nunchi.set_retention(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project nunchi.projects;
  days constant integer := args ->> 'days';
begin
  select * into project from nunchi.projects p where p.id = (args ->> 'projectId')::uuid for update;
  if not found or days < 1 or days > 36500 then
    raise invalid_parameter_value using message = 'set_retention() needs the projectId of a project that stands, and days from 1 to 36500, or null.';
  end if;
  update nunchi.projects p set retention_days = days where p.id = project.id;
  perform nunchi.audit(project.id, args ->> 'actor', 'retention.set', project.id::text,
    jsonb_build_object('days', project.retention_days), jsonb_build_object('days', days));
  return jsonb_build_object('projectId', project.id, 'days', days, 'before', project.retention_days);
end
$$;
revoke execute on function nunchi.set_retention(jsonb) from public;

-- { projectId, environment, verifier: { name, kind, issuer, audience, algorithm, subjectClaim?, secret | key | url },
-- actor? } → { before }: makes or replaces one; `before` is what it was, without its secret, or null. At most ten are in
-- force; those that have retired go. Run by the owner; the caller has validated the verifier. One audit row.
create or replace function nunchi.set_token_verifier(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  place constant text := args ->> 'environment';
  next constant jsonb := args -> 'verifier';
  old nunchi.token_verifiers;
  made nunchi.token_verifiers;
begin
  perform from nunchi.projects p where p.id = project for update;
  select * into old from nunchi.token_verifiers t
  where t.project_id = project and t.environment = place and t.name = next ->> 'name';
  delete from nunchi.token_verifiers t
  where t.project_id = project and t.environment = place and (t.retires_at <= now() or t.name = next ->> 'name');
  if (select count(*) from nunchi.token_verifiers t where t.project_id = project and t.environment = place) >= 10 then
    raise invalid_parameter_value using message = 'Ten verifiers are in force here already; remove one first.';
  end if;
  insert into nunchi.token_verifiers (project_id, environment, name, kind, issuer, audience, algorithm, subject_claim,
    secret, key, url, created_at)
  values (project, place, next ->> 'name', next ->> 'kind', next ->> 'issuer', next ->> 'audience',
    next ->> 'algorithm', coalesce(next ->> 'subjectClaim', 'sub'), next ->> 'secret', next -> 'key', next ->> 'url',
    coalesce(old.created_at, now()))
  returning * into made;
  perform nunchi.audit(project, args ->> 'actor', 'token_verifier.set', made.name,
    nunchi.token_verifier_shown(to_jsonb(old)), nunchi.token_verifier_shown(to_jsonb(made)));
  return jsonb_build_object('before', nunchi.token_verifier_shown(to_jsonb(old)));
end
$$;
revoke execute on function nunchi.set_token_verifier(jsonb) from public;

-- { projectId, environment, base, version, definition, config, actor, reason, subject, before, after, ramp: { id, kind, key,
-- experiment, revision, plan, coverage, reason } } → { number, version } | { error: 'config_conflict', number } | { error:
-- 'ramp_open' }. Publishes the first step as publish_config() does, and begins the ramp, in one transaction. Run by the
-- owner, and for keys by start_ramp_by_key(); the caller has validated all of it.
create or replace function nunchi.start_ramp(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := (args ->> 'projectId')::uuid;
  env constant text := args ->> 'environment';
  ramp constant jsonb := args -> 'ramp';
  published jsonb;
  moment constant timestamptz := clock_timestamp();
begin
  -- The lock of publish_config(), so that two cannot begin at once.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('nunchi config ' || project || env, 0));
  if exists (select from nunchi.ramps r where r.project_id = project and r.environment = env
    and (r.experiment = ramp ->> 'experiment' or (r.kind, r.key) = (ramp ->> 'kind', ramp ->> 'key'))
    and r.state in ('running', 'paused'))
  then
    return jsonb_build_object('error', 'ramp_open');
  end if;
  published := nunchi.publish_config(args);
  if published ? 'error' then
    return published;
  end if;
  insert into nunchi.ramps (project_id, environment, id, kind, key, experiment, revision, plan, state, reason, actor,
    started_at)
  values (project, env, (ramp ->> 'id')::uuid, ramp ->> 'kind', ramp ->> 'key', ramp ->> 'experiment',
    (ramp ->> 'revision')::integer, ramp -> 'plan', 'running', ramp -> 'reason', args ->> 'actor', moment);
  insert into nunchi.ramp_steps (project_id, environment, ramp, step, coverage, config_number, started_at)
  values (project, env, (ramp ->> 'id')::uuid, 0, (ramp ->> 'coverage')::integer, (published ->> 'number')::bigint, moment);
  return published;
end
$$;
revoke execute on function nunchi.start_ramp(jsonb) from public;

-- { keyHash, … } → as start_ramp(), or { error: 'key_unknown' | 'key_not_allowed' }: project, environment and actor are the
-- key's, which needs the scope config:write.
create or replace function nunchi.start_ramp_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.start_ramp(args || key);
end
$$;
revoke execute on function nunchi.start_ramp_by_key(jsonb) from public;
grant execute on function nunchi.start_ramp_by_key(jsonb) to nunchi_app;

-- Sufficient statistics of one metric for a revision of an experiment. { projectId, environment, experiment, revision,
-- plan, until?, dimension?, trait?, series? } → { variants: [{ variant, units, multiple, sums, means, covariance, order? }],
-- faults: { events, example, byVariant? }, prepared, by?, days? }, or { error: 'dimension_unknown' | 'series_unknown' }.
-- `plan` is what metricPlan() makes of a definition: { kind, parts, fromMs, windowMs, beforeMs, cap, quantile }; `until`
-- in ms is where counting ends. The vector of `means` and `covariance` is [value, denominator, value before, denominator
-- before] per unit, `sums` its totals, exact, as text; `before` are the `beforeMs` before the first exposure. Units that
-- saw several variants are counted in `multiple`, and nowhere else. `order` is what a quantile's estimate needs: its
-- neighbours by rank. Of a stored metric the answer comes from the sums that prepare_results() keeps (`prepared`), else
-- from raw events; where more changed than a question takes in, `asOf` in ms is up to when these tell all. `by` (of a
-- dimension: country, deviceClass, browser, os, trait) is [{ value, other?, variants, faults }],
-- `days` (series: 'day') [{ day, variants }] as it stood at the end of each; null where nothing is kept. Run by the
-- owner, and for keys by summarize_by_key().
create or replace function nunchi.summarize(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  dimension constant text := args ->> 'dimension';
  result jsonb;
  as_of bigint;
begin
  if dimension is not null and dimension not in ('country', 'deviceClass', 'browser', 'os')
    and (dimension <> 'trait' or coalesce(args ->> 'trait', '') = '')
  then
    return jsonb_build_object('error', 'dimension_unknown');
  elsif args ->> 'series' <> 'day' then
    return jsonb_build_object('error', 'series_unknown');
  end if;
  if nunchi.result_current(project, env, 4000) then
    result := nunchi.summarize_kept(args);
    as_of := nunchi.result_as_of(project, env);
    if result is not null and as_of is not null then
      result := result || jsonb_build_object('asOf', as_of);
    end if;
  end if;
  if result is null then
    result := nunchi.summarize_raw(args) || jsonb_build_object('prepared', false)
      || case when dimension is null then '{}' else '{"by": null}'::jsonb end
      || case when args ->> 'series' is null then '{}' else '{"days": null}'::jsonb end;
  end if;
  return result;
end
$$;
revoke execute on function nunchi.summarize(jsonb) from public;

-- { keyHash, … } → as summarize(), or { error: 'key_unknown' | 'key_not_allowed' }: project and environment are the
-- key's, which needs the scope results:read.
create or replace function nunchi.summarize_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['results:read']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.summarize(args || key);
end
$$;
revoke execute on function nunchi.summarize_by_key(jsonb) from public;
grant execute on function nunchi.summarize_by_key(jsonb) to nunchi_app;

-- As summarize(), from the kept sums; null where they are not whole, of a metric that is not kept, and for an end of
-- counting that is not the experiment's. Part of summarize(), which has brought them up to date.
create or replace function nunchi.summarize_kept(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  tracked nunchi.result_trackers;
  metric nunchi.result_metrics;
  ends timestamptz;
  result jsonb;
begin
  select t.* into tracked from nunchi.result_trackers t
  where t.project_id = (args ->> 'projectId')::uuid and t.environment = args ->> 'environment'
    and t.experiment = args ->> 'experiment' and t.revision = (args ->> 'revision')::integer and t.built is null
    and t.until is not distinct from to_timestamp((args ->> 'until')::bigint / 1000.0);
  select m.* into metric from nunchi.result_metrics m where m.tracker = tracked.id and m.plan = args -> 'plan' and m.ready
    -- Where an exposure came that was earlier than all others, past events may be missing.
    and not exists (select from nunchi.metric_parts p where p.id = any (m.parts) and p.filled_from > tracked.first_at
      - make_interval(secs => coalesce((m.plan ->> 'beforeMs')::float8, 0) / 1000));
  if metric.id is null then
    return null;
  end if;
  ends := least(clock_timestamp(), tracked.until);

  select jsonb_build_object('prepared', true,
    'variants', coalesce(jsonb_agg(nunchi.result_variant(s.variant, s.units, s.multiple, s.sums, o.around)
      order by s.variant collate "C"), '[]'),
    'faults', jsonb_build_object('events', coalesce(sum(s.faults), 0), 'example', (select min(f.fault)
      from nunchi.result_units r cross join lateral unnest(r.moments) f
      where r.tracker = tracked.id and r.faults > 0 and f.metric = metric.id)) || case when sum(s.faults) > 0
      then jsonb_build_object('byVariant', jsonb_object_agg(s.variant, s.faults) filter (where s.faults > 0)) else '{}' end)
  into result
  from nunchi.result_sums_of(tracked, metric, false, ends) s
  left join (select u.variant, u.around from nunchi.result_units_of(tracked, metric, null, null, ends) u
    where metric.plan ->> 'kind' = 'quantile') o on o.variant = s.variant;

  if args ->> 'dimension' is not null then
    result := result || jsonb_build_object('by', (select coalesce(jsonb_agg(jsonb_build_object('value', g.value,
        'variants', g.variants, 'faults', g.faults) || case when g.other then '{"other": true}'::jsonb else '{}' end
        order by g.place), '[]')
      from (select u.place, min(u.value) as value, bool_or(u.other) as other,
          jsonb_agg(nunchi.result_variant(u.variant, u.units, u.multiple, u.sums, u.around) order by u.variant collate "C") as variants,
          jsonb_build_object('events', sum(u.faults), 'example', min(u.fault)) || case when sum(u.faults) > 0
            then jsonb_build_object('byVariant', jsonb_object_agg(u.variant, u.faults) filter (where u.faults > 0))
            else '{}' end as faults
        from nunchi.result_units_of(tracked, metric, args ->> 'dimension', args ->> 'trait', ends) u group by 1) g));
  end if;
  if args ->> 'series' = 'day' then
    result := result || jsonb_build_object('days', case when metric.plan ->> 'kind' <> 'quantile' then (
      select coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'variants', d.variants) order by d.day), '[]')
      from (select s.day, jsonb_agg(nunchi.result_variant(s.variant, s.units, s.multiple, s.sums, null)
          order by s.variant collate "C") as variants
        from nunchi.result_sums_of(tracked, metric, true, ends) s group by 1) d) end);
  end if;
  return result;
end
$$;
revoke execute on function nunchi.summarize_kept(jsonb) from public;

-- As summarize(), from the raw events, whatever is kept: what the kept sums must equal, and the answer where there are
-- none. Variances are Youngs and Cramer's, as Postgres has them: they cancel nowhere. Part of summarize().
create or replace function nunchi.summarize_raw(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  plan constant jsonb := args -> 'plan';
  kind constant text := plan ->> 'kind';
  starts constant interval := make_interval(secs => coalesce((plan ->> 'fromMs')::float8, 0) / 1000);
  lasts constant interval := make_interval(secs => (plan ->> 'windowMs')::float8 / 1000);
  before constant interval := make_interval(secs => coalesce((plan ->> 'beforeMs')::float8, 0) / 1000);
  cap constant numeric := plan ->> 'cap';
  ends constant timestamptz := coalesce(to_timestamp((args ->> 'until')::bigint / 1000.0), clock_timestamp());
  result jsonb;
begin
  with per_unit as materialized (
    select u.*, case when kind in ('share', 'retention') then (u.a > 0)::integer
        when u.a is not null then least(u.a, cap) end as y,
      case when kind = 'share' then (u.xa > 0)::integer when u.xa is not null then least(u.xa, cap) end as x
    from nunchi.metric_units((args ->> 'projectId')::uuid, args ->> 'environment', args ->> 'experiment',
      (args ->> 'revision')::integer, plan, starts, lasts, before, ends) u
  ), unit as (
    select p.variant, coalesce(p.y, 0)::float8 as y, coalesce(p.b, 0)::float8 as b, coalesce(p.x, 0)::float8 as x,
      coalesce(p.xb, 0)::float8 as z, coalesce(p.y, 0)::numeric as exact, coalesce(p.b, 0) as below
    from per_unit p
    where not p.multiple and (kind <> 'quantile' or p.a is not null)
      -- Who came back is known only when the day is over.
      and (kind <> 'retention' or p.assigned_at + starts + lasts <= ends)
  ), said as (
    select u.variant, jsonb_build_object('units', count(*), 'sums', jsonb_build_array(trim_scale(sum(u.exact))::text, trim_scale(sum(u.below))::text),
      'means', jsonb_build_array(avg(u.y), avg(u.b), avg(u.x), avg(u.z)),
      'covariance', jsonb_build_array(
        jsonb_build_array(var_samp(u.y), covar_samp(u.y, u.b), covar_samp(u.y, u.x), covar_samp(u.y, u.z)),
        jsonb_build_array(covar_samp(u.y, u.b), var_samp(u.b), covar_samp(u.b, u.x), covar_samp(u.b, u.z)),
        jsonb_build_array(covar_samp(u.y, u.x), covar_samp(u.b, u.x), var_samp(u.x), covar_samp(u.x, u.z)),
        jsonb_build_array(covar_samp(u.y, u.z), covar_samp(u.b, u.z), covar_samp(u.x, u.z), var_samp(u.z)))) as sums
    from unit u group by 1
  ), ranked as (
    select u.variant, u.y, row_number() over (partition by u.variant order by u.y) as rank,
      count(*) over (partition by u.variant) as n
    from unit u where kind = 'quantile'
  ), neighbours as (
    -- The order statistics at n·q ± z·√(n·q(1 − q)), z of 95 %; null where the sample does not reach so far.
    select r.variant, jsonb_build_object('low', min(r.y) filter (where r.rank = floor(r.n * q.q - q.z * sqrt(r.n * q.q * (1 - q.q)))),
      'high', min(r.y) filter (where r.rank = ceil(r.n * q.q + q.z * sqrt(r.n * q.q * (1 - q.q)))),
      'value', percentile_cont(q.q) within group (order by r.y)) as around
    from ranked r cross join (select (plan ->> 'quantile')::float8 as q, 1.959963984540054::float8 as z) q
    group by 1, q.q
  ), seen as (
    select p.variant, count(*) filter (where p.multiple) as multiple, coalesce(sum(p.faults), 0) as faults,
      min(p.fault) as fault from per_unit p group by 1
  )
  select jsonb_build_object(
    'variants', coalesce(jsonb_agg(jsonb_build_object('variant', s.variant, 'multiple', s.multiple, 'units', 0)
      || coalesce(d.sums, '{}') || case when n.around is null then '{}' else jsonb_build_object('order', n.around) end
      order by s.variant collate "C"), '[]'),
    'faults', jsonb_build_object('events', coalesce(sum(s.faults), 0), 'example', min(s.fault)) || case when sum(s.faults) > 0
      then jsonb_build_object('byVariant', jsonb_object_agg(s.variant, s.faults) filter (where s.faults > 0)) else '{}' end)
  into result
  from seen s left join said d using (variant) left join neighbours n using (variant);
  return result;
end
$$;
revoke execute on function nunchi.summarize_raw(jsonb) from public;

-- A row of token_verifiers as people and the audit log may see it: without its secret; null for null. Part of the
-- functions that list and change them.
create or replace function nunchi.token_verifier_shown(one jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select case when one ->> 'name' is not null then jsonb_strip_nulls(jsonb_build_object('name', one -> 'name',
    'kind', one -> 'kind', 'issuer', one -> 'issuer', 'audience', one -> 'audience', 'algorithm', one -> 'algorithm',
    'subjectClaim', one -> 'subject_claim', 'key', one -> 'key', 'url', one -> 'url',
    'environment', one -> 'environment',
    'createdAt', floor(extract(epoch from (one ->> 'created_at')::timestamptz) * 1000)::bigint,
    'retiresAt', floor(extract(epoch from (one ->> 'retires_at')::timestamptz) * 1000)::bigint)) end
$$;
revoke execute on function nunchi.token_verifier_shown(jsonb) from public;

-- { keyHash } → [{ name, kind, issuer, audience, algorithm, subjectClaim, secret | key | url }], by name: what verifies
-- visitors' tokens in the key's project and environment now | null where the key is unknown. With their secrets: for
-- the collector alone.
create or replace function nunchi.token_verifiers(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select nunchi.token_verifiers_in(k.project_id, k.environment)
  from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null
$$;
revoke execute on function nunchi.token_verifiers(jsonb) from public;
grant execute on function nunchi.token_verifiers(jsonb) to nunchi_app;

-- What verifies visitors' tokens in an environment now, with their secrets. Part of token_verifiers() and
-- token_verifiers_of().
create or replace function nunchi.token_verifiers_in(project uuid, env text) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', t.name, 'kind', t.kind, 'issuer', t.issuer,
    'audience', t.audience, 'algorithm', t.algorithm, 'subjectClaim', t.subject_claim, 'secret', t.secret,
    'key', t.key, 'url', t.url)) order by t.name collate "C"), '[]')
  from nunchi.token_verifiers t
  where t.project_id = project and t.environment = env and (t.retires_at is null or t.retires_at > now())
$$;
revoke execute on function nunchi.token_verifiers_in(uuid, text) from public;

-- { projectId, environment } → as token_verifiers(). Run by the owner, to say what is wrong with a token.
create or replace function nunchi.token_verifiers_of(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select nunchi.token_verifiers_in((args ->> 'projectId')::uuid, args ->> 'environment')
$$;
revoke execute on function nunchi.token_verifiers_of(jsonb) from public;

-- {} → [{ projectId, environment, items, interactions, settings, models: { source: { generation, trainedAt } } }]: the
-- catalogs that neighbors can be computed for; both counts stop at a million. Run by the job.
create or replace function nunchi.training_catalogs(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', c.project_id, 'environment', c.environment,
    'items', (select count(*) from (select from nunchi.items i where i.project_id = c.project_id
      and i.environment = c.environment and i.deleted_at is null limit 1000000) l),
    'interactions', (select count(*) from (select from nunchi.interactions i where i.project_id = c.project_id
      and i.environment = c.environment limit 1000000) l),
    'settings', nunchi.recommendation_settings_in(c.project_id, c.environment),
    'models', (select coalesce(jsonb_object_agg(m.source, jsonb_build_object('generation', m.generation,
      'trainedAt', floor(extract(epoch from m.trained_at) * 1000)::bigint)), '{}') from nunchi.recommendation_models m
      where m.project_id = c.project_id and m.environment = c.environment))
    order by c.project_id, c.environment), '[]')
  from nunchi.recommendation_catalogs c
$$;
revoke execute on function nunchi.training_catalogs(jsonb) from public;
grant execute on function nunchi.training_catalogs(jsonb) to nunchi_app;

-- { projectId, environment, after?, limit? = 10000 } → { rows: [[actor, item, weight, lastAt, network]], next }: who had to
-- do with which items of the catalog, actor by actor; `actor` begins with `v:` for a visitor and `u:` for a user, `lastAt`
-- is in ms, `network` may be null. Of each actor the latest 100; dismissed ones are left out, and so is who came in a
-- crowd or does more than a person does. `next` is the next page's
-- `after`, or null. A page holds whole actors: at most `limit` rows, and those of one actor more. Run by the job.
create or replace function nunchi.training_interactions(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set enable_seqscan = off set enable_hashjoin = off set jit = off as $$
  with recursive walk as (
    -- The actors in the order of the key, one look at the index each.
    (select i.actor, i.by_user, 0::bigint as rows from nunchi.interactions i
      where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
        and (args -> 'after' is null or args -> 'after' = 'null' or (i.actor, i.by_user)
          > (args -> 'after' ->> 0, (args -> 'after' ->> 1)::boolean))
      order by i.actor, i.by_user limit 1)
    union all
    select n.actor, n.by_user, w.rows + (select count(*) from (select from nunchi.interactions i
        where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
          and i.actor = w.actor and i.by_user = w.by_user limit 100) l)
    from walk w
    cross join lateral (
      select i.actor, i.by_user from nunchi.interactions i
      where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
        and (i.actor, i.by_user) > (w.actor, w.by_user)
      order by i.actor, i.by_user limit 1) n
    where w.rows < least(greatest(coalesce((args ->> 'limit')::integer, 10000), 1), 20000)
  ), page as materialized (
    select w.actor, w.by_user from walk w
    where w.rows < least(greatest(coalesce((args ->> 'limit')::integer, 10000), 1), 20000)
  ), last as (
    select w.actor, w.by_user, exists (select from nunchi.interactions i
      where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
        and (i.actor, i.by_user) > (w.actor, w.by_user)) as more
    from page w order by w.actor desc, w.by_user desc limit 1
  )
  select jsonb_build_object('next', (select jsonb_build_array(l.actor, l.by_user) from last l where l.more),
    'rows', (select coalesce(jsonb_agg(jsonb_build_array(case when p.by_user then 'u:' else 'v:' end || p.actor, h.item,
        h.weight, floor(extract(epoch from h.last_at) * 1000)::bigint, h.network) order by p.actor, p.by_user, h.item), '[]')
      from page p
      cross join lateral (
        select * from (
          select i.item, i.weight, i.last_at, i.dismissed_at, i.network from nunchi.interactions i
          where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
            and i.actor = p.actor and i.by_user = p.by_user
          order by i.last_at desc, i.item desc limit 100) l
        where l.weight > 0 and (l.dismissed_at < l.last_at) is not false) h
      cross join lateral (select from nunchi.items t where t.project_id = (args ->> 'projectId')::uuid
        and t.environment = args ->> 'environment' and t.id = h.item and t.deleted_at is null offset 0) t
      where not exists (select from nunchi.interactions x where x.project_id = (args ->> 'projectId')::uuid
        and x.environment = args ->> 'environment' and x.actor = p.actor and x.by_user = p.by_user
        and (x.crowded or x.loud))))
$$;
revoke execute on function nunchi.training_interactions(jsonb) from public;
grant execute on function nunchi.training_interactions(jsonb) to nunchi_app;

-- { projectId, environment, after?, limit? = 1000 } → { items: [Item], next }: a page of a catalog, by id. Run by the job.
create or replace function nunchi.training_items(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select nunchi.items_page((args ->> 'projectId')::uuid, args ->> 'environment', jsonb_build_object('limit', 1000) || args)
$$;
revoke execute on function nunchi.training_items(jsonb) from public;
grant execute on function nunchi.training_items(jsonb) to nunchi_app;

-- The text that is hashed for an attribute; empty where it has no value, null where JavaScript would write it otherwise.
create or replace function nunchi.unit_of(attributes jsonb, attribute text) returns text
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  value constant jsonb := attributes -> attribute;
  number numeric;
begin
  case jsonb_typeof(value)
    when 'string' then return value #>> '{}';
    when 'boolean' then return case when value = 'true' then 'true' else '' end;
    when 'number' then
      number := (value #>> '{}')::numeric;
      if number = 0 then return ''; end if;
      if number <> trunc(number) or abs(number) > 9007199254740991 then return null; end if;
      return trunc(number)::text;
    else return '';
  end case;
end
$$;
revoke execute on function nunchi.unit_of(jsonb, text) from public;

-- { keyHash, from, to, unit } → what usage_of() answers for the key's project and environment; `from` and `to` in ms,
-- unit "minute" or "day". Null where the key is not in force, or is public: what stands in pages reads no figures.
create or replace function nunchi.usage(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
begin
  return (select nunchi.usage_of(k.project_id, k.environment, to_timestamp((args ->> 'from')::bigint / 1000.0),
    to_timestamp((args ->> 'to')::bigint / 1000.0), args ->> 'unit')
  from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null and k.kind = 'srv');
end
$$;
revoke execute on function nunchi.usage(jsonb) from public;
grant execute on function nunchi.usage(jsonb) to nunchi_app;

-- What happened in a project between two times, bucket by bucket; the body of usage(), for functions that know whose
-- it is. People are told apart through identities and aliases as they stand now, so a late identify() is right.
-- → { unit, timezone, buckets: [{ at, people, sessions, events, pages, conversions, revenue }], people }: `at` in ms for
-- minutes and an ISO date for days (of the project's zone), revenue { USD: "12.50" }, `people` of the whole span.
create or replace function nunchi.usage_of(project uuid, env text, since timestamptz, until timestamptz, unit text)
returns jsonb
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_custom_plan
  set enable_mergejoin = off set work_mem = '64MB' as $$
declare
  zone constant text := (select p.timezone from nunchi.projects p where p.id = project);
  -- The first and the last day; the end itself is not within.
  low constant date := (since at time zone zone)::date;
  high constant date := ((until - interval '1 microsecond') at time zone zone)::date;
  result jsonb;
begin
  if unit not in ('minute', 'day') or since is null or until is null or until <= since then
    raise invalid_parameter_value using message = 'usage() needs from < to, and unit "minute" or "day".';
  end if;
  if extract(epoch from until - since) / (case unit when 'minute' then 60 else 86400 end) > 3000 then
    raise invalid_parameter_value using message = format(
      'From %s to %s are more than 3,000 %ss; ask for less at once.', since, until, unit);
  end if;
  with buckets as (
    select m as at, m as starts, m + interval '1 minute' as ends, floor(extract(epoch from m) * 1000)::bigint::text as name
    from generate_series(date_trunc('minute', since, 'UTC'), until - interval '1 microsecond', interval '1 minute') m
    where unit = 'minute'
    union all
    select d::date::timestamp at time zone 'UTC', d::date::timestamp at time zone zone,
      (d::date + 1)::timestamp at time zone zone, d::date::text
    from generate_series(low::timestamp, high::timestamp, interval '1 day') d
    where unit = 'day'
  ), visitors as (
    select v.minute as at, v.anonymous_id, v.user_id from nunchi.minute_visitors v
    where unit = 'minute' and v.project_id = project and v.environment = env
      and v.minute >= date_trunc('minute', since, 'UTC') and v.minute < until
    union all
    select v.day::timestamp at time zone 'UTC', v.anonymous_id, v.user_id from nunchi.daily_visitors v
    where unit = 'day' and v.project_id = project and v.environment = env and v.day between low and high
  ), people as (
    -- Sorted by their bytes, which takes a fraction of sorting by a language.
    select n.at, coalesce(m.person, n.id) collate "C" as person
    from (
      select v.at, coalesce(nullif(v.user_id, ''), i.user_id, v.anonymous_id) as id
      from visitors v
      left join nunchi.identities i on v.user_id = '' and i.project_id = project and i.anonymous_id = v.anonymous_id
    ) n
    left join nunchi.alias_map(project) m on m.previous_id = n.id
  ), counts as (
    select r.minute as at, r.kind, r.name, r.events, r.amount from nunchi.rollup_minutes r
    where unit = 'minute' and r.project_id = project and r.environment = env
      and r.minute >= date_trunc('minute', since, 'UTC') and r.minute < until
    union all
    select r.day::timestamp at time zone 'UTC', r.kind, r.name, r.events, r.amount from nunchi.rollup_days r
    where unit = 'day' and r.project_id = project and r.environment = env and r.day between low and high
      and r.kind in ('total', 'type', 'conversion', 'revenue')
  ), summed as (
    select c.at, coalesce(sum(c.events) filter (where c.kind = 'total'), 0) as events,
      coalesce(sum(c.events) filter (where c.kind = 'type' and c.name = 'page'), 0) as pages,
      coalesce(sum(c.events) filter (where c.kind = 'conversion'), 0) as conversions
    from counts c group by c.at
  ), money as (
    select t.at, jsonb_object_agg(t.name, trim_scale(t.amount)::text) as revenue
    from (select c.at, c.name, sum(c.amount) as amount from counts c where c.kind = 'revenue' group by 1, 2) t
    group by t.at
  )
  select jsonb_build_object('unit', unit, 'timezone', zone,
    'buckets', coalesce(jsonb_agg(jsonb_build_object(
      'at', case unit when 'minute' then to_jsonb(b.name::bigint) else to_jsonb(b.name) end,
      'people', coalesce(w.people, 0), 'sessions', coalesce(s.sessions, 0), 'events', coalesce(c.events, 0),
      'pages', coalesce(c.pages, 0), 'conversions', coalesce(c.conversions, 0),
      'revenue', coalesce(r.revenue, '{}')) order by b.at), '[]'),
    'people', (select count(distinct p.person) from people p))
  into result
  from buckets b
  left join (select p.at, count(distinct p.person) as people from people p group by p.at) w on w.at = b.at
  left join summed c on c.at = b.at
  left join money r on r.at = b.at
  left join (
    select date_bin('1 minute', s.started_at, timestamptz '2000-01-01 00:00Z') as at, count(*) as sessions
    from nunchi.sessions s
    where unit = 'minute' and s.project_id = project and s.environment = env
      and s.started_at >= date_trunc('minute', since, 'UTC') and s.started_at < until
    group by 1
    union all
    select (s.started_at at time zone zone)::date::timestamp at time zone 'UTC', count(*)
    from nunchi.sessions s
    where unit = 'day' and s.project_id = project and s.environment = env
      and s.started_at >= low::timestamp at time zone zone and s.started_at < (high + 1)::timestamp at time zone zone
    group by 1
  ) s on s.at = b.at;
  return result;
end
$$;
revoke execute on function nunchi.usage_of(uuid, text, timestamptz, timestamptz, text) from public;

-- The smallest id whose 48 bits hold this time: a partition's bound, and where a question about time prunes.
create or replace function nunchi.uuid_floor(at timestamptz) returns uuid
language sql immutable strict parallel safe set search_path = '' as $$
  select rpad(lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;
revoke execute on function nunchi.uuid_floor(timestamptz) from public;
grant execute on function nunchi.uuid_floor(timestamptz) to nunchi_reader;

-- The position, from 0, of an experiment's variant by its key; -1 where it has none of that key.
create or replace function nunchi.variant_position(experiment jsonb, variant text) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  for i in 0 .. jsonb_array_length(experiment -> 'variants') - 1 loop
    if experiment -> 'variants' -> i ->> 'key' = variant then return i; end if;
  end loop;
  return -1;
end
$$;
revoke execute on function nunchi.variant_position(jsonb, text) from public;

-- Waits until every transaction that was writing to a table when this began has ended, without keeping new ones
-- from it; false where that took longer than `patience`. Reading alone (a backup) is not waited for.
create or replace function nunchi.wait_for_writers(relation regclass, patience interval) returns boolean
language plpgsql set search_path = '' as $$
declare
  deadline constant timestamptz := clock_timestamp() + patience;
  writers text[];
begin
  select array_agg(distinct l.virtualtransaction) into writers
  from pg_catalog.pg_locks l
  where l.relation = wait_for_writers.relation and l.granted and l.pid <> pg_backend_pid()
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
    and l.mode in ('RowShareLock', 'RowExclusiveLock');
  while exists (
    select from pg_catalog.pg_locks l
    where l.relation = wait_for_writers.relation and l.granted and l.virtualtransaction = any (writers))
  loop
    if clock_timestamp() > deadline then
      return false;
    end if;
    perform pg_sleep(0.02);
  end loop;
  return true;
end
$$;
revoke execute on function nunchi.wait_for_writers(regclass, interval) from public;

-- Why a list of a type holds nothing: empty_catalog, all_seen or filtered. Part of recommend(). Looks at 1,000 items.
create or replace function nunchi.why_empty(project uuid, env text, kind text, list text, actors nunchi.actor[],
  again boolean, said jsonb) returns text
language sql stable set search_path = '' set enable_seqscan = off as $$
  select case when count(*) = 0 then 'empty_catalog' when bool_or(l.passes and l.seen) and not bool_or(l.passes and not l.seen)
    then 'all_seen' else 'filtered' end
  from (
    select exists (select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
            and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = i.id
            and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x) as seen,
      not exists (select from jsonb_array_elements(said -> 'rules') r where r ? 'filter' and nunchi.rule_holds(r, list, kind)
        and nunchi.matches_condition(r -> 'filter', i.attributes
          || jsonb_build_object('id', i.id, 'type', i.type, 'tags', i.tags)) is not true) as passes
    from nunchi.items i
    where i.project_id = project and i.environment = env and i.type = kind and i.deleted_at is null and i.available
    order by i.created_at desc, i.id limit 1000
  ) l
$$;
revoke execute on function nunchi.why_empty(uuid, text, text, text, nunchi.actor[], boolean, jsonb) from public;

-- { projectId, environment, generation, rows: [{ id, others: [[other, score, reasons]] }], done?: detail } → { written }: what
-- the job found, person by person, in place of what was found before; with `done` (what is told of the run) the older rows
-- of everybody else go, too. Who took consent back meanwhile is left out. Run by the job.
create or replace function nunchi.write_matches(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  born constant bigint := args ->> 'generation';
  written bigint;
begin
  if born is null or env is null then
    raise invalid_parameter_value using message = 'write_matches() needs an environment and a generation.';
  end if;
  -- Two runs at once: the later one holds.
  perform pg_advisory_xact_lock(hashtext('nunchi.match'), hashtext(project || env));
  if exists (select from nunchi.match_runs r where r.project_id = project and r.environment = env and r.generation > born) then
    return jsonb_build_object('written', 0);
  end if;
  delete from nunchi.match_candidates c using jsonb_array_elements(args -> 'rows') r
  where c.project_id = project and c.environment = env and c.user_id = r ->> 'id' and c.generation <= born;
  insert into nunchi.match_candidates (project_id, environment, user_id, other_id, score, reasons, generation)
  select project, env, r.row ->> 'id', o.pair ->> 0, least(greatest((o.pair ->> 1)::real, 0), 1), o.pair -> 2, born
  from jsonb_array_elements(args -> 'rows') r (row)
  cross join lateral (select p.pair from jsonb_array_elements(r.row -> 'others') p (pair) limit 200) o
  where exists (select from nunchi.match_consents c where c.project_id = project and c.environment = env
      and c.user_id = r.row ->> 'id' and c.given)
    and exists (select from nunchi.match_consents c where c.project_id = project and c.environment = env
      and c.user_id = o.pair ->> 0 and c.given)
  order by 3, 4
  on conflict do nothing;
  get diagnostics written = row_count;
  if args ? 'done' then
    delete from nunchi.match_candidates c where c.project_id = project and c.environment = env and c.generation < born;
    insert into nunchi.match_runs as r (project_id, environment, generation, detail) values (project, env, born, args -> 'done')
    on conflict (project_id, environment) do update
    set generation = excluded.generation, detail = excluded.detail, finished_at = clock_timestamp();
  end if;
  return jsonb_build_object('written', written);
end
$$;
revoke execute on function nunchi.write_matches(jsonb) from public;
grant execute on function nunchi.write_matches(jsonb) to nunchi_app;

-- Writes an item's neighbors of one source, nearest first, into its own list (the first 100) and into those of its
-- neighbors. Part of refresh_recommendations(). Those lists take it which `takes` says, and those that had it before.
create or replace function nunchi.write_near(project uuid, env text, subject text, origin text, others text[],
  likeness double precision[], behind double precision[], takes boolean[], at bigint) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
begin
  delete from nunchi.item_neighbors n where n.project_id = project and n.environment = env and n.item = subject
    and n.source = origin and n.neighbor <> all (others[:100]);
  delete from nunchi.item_neighbors n where n.project_id = project and n.environment = env and n.neighbor = subject
    and n.source = origin and n.item <> all (others);
  insert into nunchi.item_neighbors as n (project_id, environment, item, source, neighbor, similarity, support, generation)
  select project, env, subject, origin, o.id, o.similarity, o.support, at
  from unnest(others[:100], likeness, behind) o (id, similarity, support) where o.id is not null order by o.id
  on conflict (project_id, environment, item, source, neighbor) do update
  set similarity = excluded.similarity, support = excluded.support, generation = excluded.generation;
  insert into nunchi.item_neighbors as n (project_id, environment, item, source, neighbor, similarity, support, generation)
  select project, env, o.id, origin, subject, o.similarity, o.support, at
  from unnest(others, likeness, behind, takes) o (id, similarity, support, takes)
  where o.takes or exists (select from nunchi.item_neighbors r where r.project_id = project and r.environment = env
    and r.item = o.id and r.source = origin and r.neighbor = subject)
  order by o.id
  on conflict (project_id, environment, item, source, neighbor) do update
  set similarity = excluded.similarity, support = excluded.support, generation = excluded.generation;
end
$$;
revoke execute on function nunchi.write_near(uuid, text, text, text, text[], double precision[], double precision[], boolean[], bigint) from public;

-- { projectId, environment, source: 'cf' | 'ease' | 'content', generation, rows: [{ item, neighbors: [[id, similarity,
-- support]], norm? }] } → { written }: what training found, item by item, 200 neighbors of each at most. `generation` is
-- when it began to read, in ms: what was refreshed since then stays. `norm` (of cf) is the item's product with itself as
-- of `generation`. Items that left the catalog are left out. Run by the job.
create or replace function nunchi.write_neighbors(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_hashjoin = off set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  origin constant text := args ->> 'source';
  born constant bigint := args ->> 'generation';
  life constant double precision := 86400 * (nunchi.recommendation_settings_in(project, env) ->> 'halfLifeDays')::double precision;
  done bigint;
begin
  if origin is null or origin not in ('cf', 'ease', 'content') or born is null then
    raise invalid_parameter_value using message = 'write_neighbors() needs a source (cf, ease or content) and a generation.';
  end if;
  perform pg_advisory_xact_lock(hashtext('nunchi.refresh'), hashtext(project || env));
  delete from nunchi.item_neighbors n
  using jsonb_array_elements(args -> 'rows') r
  where n.project_id = project and n.environment = env and n.item = r ->> 'item' and n.source = origin and n.generation < born;
  insert into nunchi.item_neighbors (project_id, environment, item, source, neighbor, similarity, support, generation)
  select project, env, r.row ->> 'item', origin, n.pair ->> 0, least((n.pair ->> 1)::real, 1), coalesce((n.pair ->> 2)::real, 0), born
  from jsonb_array_elements(args -> 'rows') r (row)
  join nunchi.items i on i.project_id = project and i.environment = env and i.id = r.row ->> 'item' and i.deleted_at is null
  cross join lateral (select p.pair from jsonb_array_elements(r.row -> 'neighbors') p (pair)
    where (p.pair ->> 1)::real > 0 and p.pair ->> 0 <> r.row ->> 'item' limit 200) n
  order by 3, 5
  on conflict do nothing;
  get diagnostics done = row_count;
  if origin = 'cf' then
    insert into nunchi.item_stats as t (project_id, environment, item, norm, actors, floor, refreshed_at)
    select project, env, i.id, ln((r.row ->> 'norm')::double precision) / ln(2::double precision)
      + (born / 1000.0 - 1767225600) / life, coalesce((r.row ->> 'actors')::bigint, 0), coalesce((r.row #>> '{neighbors,99,1}')::double precision, 0), to_timestamp(born / 1000.0)
    from jsonb_array_elements(args -> 'rows') r (row)
    join nunchi.items i on i.project_id = project and i.environment = env and i.id = r.row ->> 'item' and i.deleted_at is null
    where (r.row ->> 'norm')::double precision > 0
    order by 3
    on conflict (project_id, environment, item) do update
    set norm = excluded.norm, actors = excluded.actors, floor = excluded.floor, refreshed_at = excluded.refreshed_at
    where t.refreshed_at < excluded.refreshed_at;
  end if;
  return jsonb_build_object('written', done);
end
$$;
revoke execute on function nunchi.write_neighbors(jsonb) from public;
grant execute on function nunchi.write_neighbors(jsonb) to nunchi_app;

reset check_function_bodies;
select nunchi.make_partitions('{}');

reset role;

-- What Supabase's own roles may do: the secret key calls what the collector calls, and speaks for members.
-- The schema must also be exposed: config.toml [api] schemas, or Project Settings, Data API, Exposed schemas.
grant nunchi_app to service_role;
-- as_member() takes this role; the connection's own login must be allowed to.
grant nunchi_member to authenticator;

set role nunchi_owner;
grant usage on schema nunchi to service_role;
grant execute on function nunchi.as_member(jsonb) to service_role;
reset role;
