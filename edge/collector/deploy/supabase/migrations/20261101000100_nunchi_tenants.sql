-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- Projects, the people who may see them, and the keys that write into them.
create table nunchi.projects (
  id uuid primary key,
  name text not null unique check (name <> '' and length(name) <= 200),
  -- Days are counted in this zone.
  timezone text not null default 'UTC',
  created_at timestamptz not null default now()
);

create table nunchi.project_members (
  project_id uuid not null references nunchi.projects on delete cascade,
  -- The `sub` of the person's token.
  user_id text not null check (user_id <> ''),
  role text not null check (role in ('owner', 'admin', 'editor', 'viewer')),
  created_at timestamptz not null default now(),
  primary key (project_id, user_id)
);
create index project_members_user on nunchi.project_members (user_id, project_id);

create table nunchi.api_keys (
  id integer generated always as identity primary key,
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null check (environment in ('development', 'staging', 'production')),
  kind text not null check (kind in ('pub', 'srv')),
  -- SHA-256 of the key, hex: the key itself is not kept.
  hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  -- The key's last characters, so that people can tell keys apart.
  hint text not null,
  -- A public key stands in pages anyway, so it may be shown again.
  plain text check (plain is null or kind = 'pub'),
  scopes text[] not null default '{}',
  -- Where the key may be used from; empty means anywhere.
  origins text[] not null default '{}',
  -- Events a minute; null means the collector's default.
  rate_limit integer check (rate_limit > 0),
  -- Marks the traffic of one's own people.
  internal boolean not null default false,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
create index api_keys_project on nunchi.api_keys (project_id);

alter table nunchi.projects enable row level security, force row level security;
alter table nunchi.project_members enable row level security, force row level security;
alter table nunchi.api_keys enable row level security, force row level security;
create policy owner on nunchi.projects to nunchi_owner using (true) with check (true);
create policy owner on nunchi.project_members to nunchi_owner using (true) with check (true);
create policy owner on nunchi.api_keys to nunchi_owner using (true) with check (true);

-- The policies below need the function to exist; functions/my_projects.sql is its body. Until that is
-- applied, in this same run, nobody sees anything.
create function nunchi.my_projects() returns setof uuid
language sql stable security definer set search_path = '' as 'select null::uuid where false';

create policy member_reads on nunchi.projects for select to nunchi_member
  using (id = any (array (select nunchi.my_projects())));
create policy member_reads on nunchi.project_members for select to nunchi_member
  using (project_id = any (array (select nunchi.my_projects())));
grant select on nunchi.projects, nunchi.project_members to nunchi_member;

insert into nunchi.schema_migrations (version, name, checksum)
values (1, 'tenants', '4f8ed2a4666842f3a400afc1dd4c07976911de31fa149c85e41973106becacbb');

reset role;
