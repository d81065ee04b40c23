-- The tombstones go too: export them first where erased people must stay erased.
drop table nunchi.audit_log;
drop function nunchi.audit_log_is_append_only();
alter table nunchi.projects drop column retention_days;
drop function if exists nunchi.erase_events(nunchi.erasure_runs, integer), nunchi.erase_derived(nunchi.erasure_runs);
drop table nunchi.erasure_runs, nunchi.erasures;
