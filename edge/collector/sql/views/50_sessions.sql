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
