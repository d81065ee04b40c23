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
