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
