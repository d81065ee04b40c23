-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- What experiments are judged by: metrics as data, one row each, for all environments of a project.
create table nunchi.metrics (
  project_id uuid not null references nunchi.projects on delete cascade,
  key text not null check (key ~ '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$'),
  -- Validated before it is stored; see docs/guide/results.md.
  definition jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (project_id, key)
);
alter table nunchi.metrics enable row level security, force row level security;
create policy owner on nunchi.metrics to nunchi_owner using (true) with check (true);

insert into nunchi.schema_migrations (version, name, checksum)
values (10, 'metrics', '095fbcb66fe17f1bc8219b4b57653c7e10ee1d6b725c06c09c9d1e59edcd930f');

reset role;
