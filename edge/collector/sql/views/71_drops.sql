-- nunchi_data.drops: what senders had to give up, as they reported it.
create or replace view nunchi_data.drops with (security_invoker = true) as
select d.project_id, d.day, d.reason, d.events
from nunchi.sdk_drops d;

comment on view nunchi_data.drops is 'What SDKs had to give up, as they reported it, and events that came again.';
comment on column nunchi_data.drops.day is 'The day of the report, in UTC.';
comment on column nunchi_data.drops.reason is 'Why, as the events page explains; retransmit is no loss.';
comment on column nunchi_data.drops.events is 'How many events.';
