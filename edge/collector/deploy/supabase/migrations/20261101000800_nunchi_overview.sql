-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- Who has signed in to the overview: one row per browser, until it expires or its key is revoked.
create table nunchi.overview_sessions (
  -- SHA-256 of the cookie's text, hex.
  token_hash text primary key check (token_hash ~ '^[0-9a-f]{64}$'),
  project_id uuid not null references nunchi.projects on delete cascade,
  key_id integer not null references nunchi.api_keys on delete cascade,
  expires_at timestamptz not null
);
create index overview_sessions_key on nunchi.overview_sessions (key_id);
create index overview_sessions_project on nunchi.overview_sessions (project_id);
alter table nunchi.overview_sessions enable row level security, force row level security;
create policy owner on nunchi.overview_sessions to nunchi_owner using (true) with check (true);

insert into nunchi.schema_migrations (version, name, checksum)
values (8, 'overview', 'f15a18eabdae0973ecac0edaafbcd6c234e579e38b5eff4e8a2c021b9a955509');

reset role;
