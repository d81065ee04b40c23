-- Drops what processing derived; the events stay, and `up` and a recount derive it again.
drop index nunchi.event_processing_queue_dead;
alter table nunchi.event_processing_queue drop column run_after, drop column error;
drop table nunchi.processing_minutes, nunchi.rollup_days, nunchi.rollup_minutes, nunchi.daily_visitors,
  nunchi.minute_visitors, nunchi.sessions, nunchi.traits, nunchi.aliases, nunchi.identities;
-- With the functions that take it; those of the version that one goes back to are applied again.
drop type nunchi.fact cascade;
