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
