-- The tombstones go too: export them first where erased people must stay erased.
drop table nunchi.audit_log;
drop function nunchi.audit_log_is_append_only();
alter table nunchi.projects drop column retention_days;
drop table nunchi.erasures;
