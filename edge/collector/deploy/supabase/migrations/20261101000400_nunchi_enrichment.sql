-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- Events of programs are marked in a column of their own: every count leaves them out.
alter table nunchi.analytics_events add column bot boolean not null default false;

insert into nunchi.schema_migrations (version, name, checksum)
values (4, 'enrichment', '8e42e59782e764cef9d6dfc577fee773d06a4344153c9a3866bc712822b6afe6');

reset role;
