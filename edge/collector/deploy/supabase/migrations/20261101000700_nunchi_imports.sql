-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- Imports of older events: how far each came, so that one that was cut off goes on from there.
create table nunchi.import_runs (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  -- What is imported: a table's name, or a file's name and size.
  source text not null,
  -- The key that its events are written with; in force while the import runs.
  key_id integer not null,
  -- Up to which row of the source everything is committed; null before the first.
  cursor text,
  -- Rows read, events stored, events that were there already, rows that cannot be an event.
  rows bigint not null default 0,
  accepted bigint not null default 0,
  duplicates bigint not null default 0,
  bad bigint not null default 0,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (project_id, environment, source)
);
alter table nunchi.import_runs enable row level security, force row level security;
create policy owner on nunchi.import_runs to nunchi_owner using (true) with check (true);

insert into nunchi.schema_migrations (version, name, checksum)
values (7, 'imports', '24c475ce26910e8407244bf18ba2b16e3964f6f442fb6a1c12dd097338753c53');

reset role;
