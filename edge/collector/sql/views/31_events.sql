-- nunchi_data.events: the events that figures are made of.
create or replace view nunchi_data.events with (security_invoker = true) as
select * from nunchi_data.all_events e where not e.bot and not e.internal;

comment on view nunchi_data.events is 'Events of people: all_events without programs and your own people.';
