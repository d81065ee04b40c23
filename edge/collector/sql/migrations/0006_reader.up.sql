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
