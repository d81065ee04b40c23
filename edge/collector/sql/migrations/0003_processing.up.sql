-- What processing derives from the events: people, visits, and counts by minute and day.

-- An event as process() hands it to the functions that write its effects, with all that they need of it.
create type nunchi.fact as (
  project_id uuid,
  id uuid,
  environment text,
  type text,
  name text,
  occurred_at timestamptz,
  -- In the project's time zone.
  day date,
  anonymous_id text,
  user_id text,
  session_id text,
  group_id text,
  previous_id text,
  -- Neither a bot's nor internal: counts in rollups, sessions and visitors.
  counted boolean,
  page_url text,
  referrer text,
  -- Of page events.
  path text,
  source text,
  campaign jsonb,
  country text,
  device_class text,
  browser text,
  os text,
  conversion text,
  currency text,
  amount numeric,
  feature text,
  -- METRIC:BUCKET.
  vital text,
  vital_value numeric,
  traits jsonb
);

-- The first link of a visitor to a user, by when it occurred: it holds for the visitor's past too.
create table nunchi.identities (
  project_id uuid not null references nunchi.projects on delete cascade,
  anonymous_id text not null,
  user_id text not null,
  linked_at timestamptz not null,
  -- Of two links of the same moment the lower id is the first.
  event_id uuid not null,
  primary key (project_id, anonymous_id)
);
create index identities_user on nunchi.identities (project_id, user_id);

-- An id that alias() ended, and the user it goes on as. The first alias of an id holds.
create table nunchi.aliases (
  project_id uuid not null references nunchi.projects on delete cascade,
  previous_id text not null,
  user_id text not null,
  linked_at timestamptz not null,
  event_id uuid not null,
  primary key (project_id, previous_id)
);
create index aliases_user on nunchi.aliases (project_id, user_id);

-- What identify() and group() said of a user or a group: the newest value of each trait.
create table nunchi.traits (
  project_id uuid not null references nunchi.projects on delete cascade,
  kind text not null check (kind in ('user', 'group')),
  -- The user's or the group's id.
  subject text not null,
  key text not null,
  value jsonb not null,
  set_at timestamptz not null,
  event_id uuid not null,
  primary key (project_id, kind, subject, key)
);

-- One visit. Bots and internal traffic are not in it.
create table nunchi.sessions (
  project_id uuid not null references nunchi.projects on delete cascade,
  session_id text not null,
  environment text not null,
  anonymous_id text,
  -- The user that the visit's newest event with one names; `user_at` and `user_event_id` are that event's.
  user_id text,
  user_at timestamptz,
  user_event_id uuid,
  -- When its oldest and its newest event occurred.
  started_at timestamptz not null,
  ended_at timestamptz not null,
  events bigint not null,
  pages bigint not null,
  conversions bigint not null,
  -- Of the first event with a page, as are the columns from `entry_url` to `os`; null where none had one.
  entry_at timestamptz,
  first_event_id uuid,
  entry_url text,
  referrer text,
  country text,
  device_class text,
  browser text,
  os text,
  -- Of the last event with a page.
  exit_at timestamptz,
  last_event_id uuid,
  exit_url text,
  -- Of the first page with one: { source, medium, name, term, content } and click ids.
  campaign_at timestamptz,
  campaign_event_id uuid,
  campaign jsonb,
  primary key (project_id, session_id)
);
create index sessions_started on nunchi.sessions (project_id, environment, started_at);
create index sessions_visitor on nunchi.sessions (project_id, anonymous_id);
create index sessions_user on nunchi.sessions (project_id, user_id) where user_id is not null;

-- Who was there in a minute and on a day, one row per pair of ids; '' where an event had none. People are
-- counted at read, through identities and aliases, so that a late identify() is right.
create table nunchi.minute_visitors (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  -- UTC.
  minute timestamptz not null,
  anonymous_id text not null,
  user_id text not null,
  primary key (project_id, environment, minute, anonymous_id, user_id)
);
create table nunchi.daily_visitors (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  -- In the project's time zone.
  day date not null,
  anonymous_id text not null,
  user_id text not null,
  primary key (project_id, environment, day, anonymous_id, user_id)
);

-- Counts by minute (UTC) and by day (the project's zone). `kind` says what is counted and `name` which one:
-- total '' · type page|track|… · event NAME · page PATH · source HOST · campaign NAME · country CC ·
-- device CLASS · browser NAME · os NAME · conversion NAME · revenue CURRENCY (amount) · feature NAME ·
-- vital METRIC:BUCKET (amount) · experiment_failure FAULT. Minutes hold total, type, conversion, revenue and feature only.
create table nunchi.rollup_minutes (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  minute timestamptz not null,
  kind text not null,
  name text not null,
  -- Spreads the hot minute over rows, so that workers do not wait for each other.
  shard smallint not null,
  events bigint not null,
  amount numeric not null,
  primary key (project_id, environment, minute, kind, name, shard)
);
create table nunchi.rollup_days (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  day date not null,
  kind text not null,
  name text not null,
  shard smallint not null,
  events bigint not null,
  amount numeric not null,
  primary key (project_id, environment, day, kind, name, shard)
);

-- How processing went, minute by minute: what it did, and how long events waited for it.
create table nunchi.processing_minutes (
  minute timestamptz not null,
  shard smallint not null,
  calls bigint not null,
  events bigint not null,
  failures bigint not null,
  -- From the commit of an event to that of its effects, in ms, added up; of rows that did not fail before.
  latency_ms_sum bigint not null,
  latency_ms_max bigint not null,
  primary key (minute, shard)
);

-- When the row may be tried again, and what went wrong the last time.
alter table nunchi.event_processing_queue
  add column run_after timestamptz,
  add column error text;
create index event_processing_queue_dead on nunchi.event_processing_queue (id) where processing_status = 'dead';

alter table nunchi.identities enable row level security, force row level security;
alter table nunchi.aliases enable row level security, force row level security;
alter table nunchi.traits enable row level security, force row level security;
alter table nunchi.sessions enable row level security, force row level security;
alter table nunchi.minute_visitors enable row level security, force row level security;
alter table nunchi.daily_visitors enable row level security, force row level security;
alter table nunchi.rollup_minutes enable row level security, force row level security;
alter table nunchi.rollup_days enable row level security, force row level security;
alter table nunchi.processing_minutes enable row level security, force row level security;
create policy owner on nunchi.identities to nunchi_owner using (true) with check (true);
create policy owner on nunchi.aliases to nunchi_owner using (true) with check (true);
create policy owner on nunchi.traits to nunchi_owner using (true) with check (true);
create policy owner on nunchi.sessions to nunchi_owner using (true) with check (true);
create policy owner on nunchi.minute_visitors to nunchi_owner using (true) with check (true);
create policy owner on nunchi.daily_visitors to nunchi_owner using (true) with check (true);
create policy owner on nunchi.rollup_minutes to nunchi_owner using (true) with check (true);
create policy owner on nunchi.rollup_days to nunchi_owner using (true) with check (true);
create policy owner on nunchi.processing_minutes to nunchi_owner using (true) with check (true);
