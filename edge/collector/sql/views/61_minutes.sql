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
