-- Who may read which project with SQL: a login role of nunchi_reader sees what stands here, nothing else.
create table nunchi.reader_grants (
  -- The login role; it needs `grant nunchi_reader to …` too.
  role_name name not null,
  project_id uuid not null references nunchi.projects on delete cascade,
  granted_at timestamptz not null default now(),
  primary key (role_name, project_id)
);

-- What arrived, day by day, counted as it is processed; what was refused or dropped stands in event_rejects
-- and sdk_drops.
create table nunchi.quality_days (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  -- Of arrival, in UTC.
  day date not null,
  -- Spreads today over rows, so that workers do not wait for each other.
  shard smallint not null,
  -- All events that were stored; those below are among them.
  events bigint not null,
  bots bigint not null,
  internal bigint not null,
  -- Arrived an hour or more after they occurred.
  late bigint not null,
  -- The sender's clock was off by more than a minute.
  skewed bigint not null,
  clock_suspect bigint not null,
  primary key (project_id, environment, day, shard)
);

alter table nunchi.reader_grants enable row level security, force row level security;
alter table nunchi.quality_days enable row level security, force row level security;
create policy owner on nunchi.reader_grants to nunchi_owner using (true) with check (true);
create policy owner on nunchi.quality_days to nunchi_owner using (true) with check (true);

-- The policies below need the function to exist; functions/reader_projects.sql is its body. Until that is
-- applied, in this same run, no reader sees anything.
create function nunchi.reader_projects() returns setof uuid
language sql stable security definer set search_path = '' as 'select null::uuid where false';

-- The views need this one; functions/uuid_floor.sql has it, too.
create or replace function nunchi.uuid_floor(at timestamptz) returns uuid
language sql immutable strict parallel safe set search_path = '' as $$
  select rpad(lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

create policy reader_reads on nunchi.projects for select to nunchi_reader
  using (id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.analytics_events for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.event_rejects for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.sdk_drops for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.identities for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.aliases for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.traits for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.sessions for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.daily_visitors for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.rollup_minutes for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.rollup_days for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));
create policy reader_reads on nunchi.quality_days for select to nunchi_reader
  using (project_id = any (array (select nunchi.reader_projects())));

-- For the views, which run as who asks. Readers have no right to look into the schema, so they cannot name
-- these tables, and the months' partitions are granted to nobody.
grant select on nunchi.projects, nunchi.analytics_events, nunchi.event_rejects, nunchi.sdk_drops,
  nunchi.identities, nunchi.aliases, nunchi.traits, nunchi.sessions, nunchi.daily_visitors,
  nunchi.rollup_minutes, nunchi.rollup_days, nunchi.quality_days to nunchi_reader;
