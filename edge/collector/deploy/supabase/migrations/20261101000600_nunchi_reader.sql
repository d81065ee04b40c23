-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- Who may read which project with SQL: a login role of nunchi_reader sees what stands here, nothing else.
create table nunchi.reader_grants (
  -- The login role; it needs `grant nunchi_reader to …` too.
  role_name name not null,
  project_id uuid not null references nunchi.projects on delete cascade,
  granted_at timestamptz not null default now(),
  primary key (role_name, project_id)
);
alter table nunchi.reader_grants enable row level security, force row level security;
create policy owner on nunchi.reader_grants to nunchi_owner using (true) with check (true);

insert into nunchi.schema_migrations (version, name, checksum)
values (6, 'reader', 'c0d4defe80c22213e9ea6a5e5a2e5bec496a5b8152e3ee1d64f62445aaa76235');

reset role;
