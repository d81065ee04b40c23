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
