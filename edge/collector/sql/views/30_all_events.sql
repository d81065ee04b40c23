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
