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
