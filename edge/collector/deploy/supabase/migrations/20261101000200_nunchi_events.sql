-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- Events, the queue of what is to be processed, and the two records of what was not stored.

-- Partitioned by month on the UUIDv7 id itself, so that a resent event meets its first copy in the same
-- partition and (project_id, id) alone keeps delivery exactly once. No foreign keys: ingest() takes the
-- project from a verified key, and a check a row would cost more than the insert.
create table nunchi.analytics_events (
  project_id uuid not null,
  -- Made when track() was called; its first 48 bits are the client's clock in ms.
  id uuid not null,
  -- `ts` moved by the skew: when it happened by our clock. Every question about time uses this.
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  -- When it happened as the client said.
  ts timestamptz not null,
  -- Our clock minus the client's when the batch was sent.
  skew_ms bigint not null,
  -- Counts up within `tab`.
  seq bigint not null,
  key_id integer not null,
  -- The id does not tell when it occurred, to within 48 hours: a wrong clock, or a time given by hand.
  clock_suspect boolean not null,
  -- Written with a key marked internal.
  internal boolean not null,
  environment text not null,
  type text not null,
  name text not null,
  tab text not null,
  sdk text not null,
  anonymous_id text,
  user_id text,
  session_id text,
  group_id text,
  previous_id text,
  page_url text,
  page_referrer text,
  page_title text,
  properties jsonb,
  user_context jsonb,
  experiment_context jsonb,
  personalization_context jsonb,
  -- The browser or server that sent it.
  context jsonb,
  primary key (project_id, id)
) partition by range (id);
create index analytics_events_suspect on nunchi.analytics_events (project_id, occurred_at)
  where clock_suspect;

-- Ids whose time lies outside the months that stand: wrong clocks, imports. Bounded per key by ingest().
create table nunchi.analytics_events_default partition of nunchi.analytics_events default;

-- One row per ingest() call: the events that it stored, side by side in the two arrays.
create table nunchi.event_processing_queue (
  id bigint generated always as identity primary key,
  project_ids uuid[] not null,
  event_ids uuid[] not null,
  -- pending, processing, done or dead. No check constraints here: ingest() would pay for them at each call.
  processing_status text not null default 'pending',
  retry_count integer not null default 0,
  created_at timestamptz not null default now(),
  processed_at timestamptz
);
create index event_processing_queue_pending on nunchi.event_processing_queue (id)
  where processing_status = 'pending';
-- Random bits do not compress; trying costs time.
alter table nunchi.event_processing_queue alter column event_ids set storage external;

-- What was refused, event by event, as the sender was told.
create table nunchi.event_rejects (
  project_id uuid not null references nunchi.projects on delete cascade,
  -- The batch's id as the client named it, and the event's position in it: a resent batch adds nothing.
  batch text not null,
  index integer not null,
  event_id text,
  code text not null,
  detail text not null,
  -- The refused event's raw JSON, cut to 2 kB.
  event text not null,
  key_id integer not null,
  received_at timestamptz not null,
  primary key (project_id, batch, index)
);
create index event_rejects_newest on nunchi.event_rejects (project_id, received_at);

-- What SDKs had to drop, as they reported it, and events that came again (`retransmit`: not a loss).
create table nunchi.sdk_drops (
  project_id uuid not null references nunchi.projects on delete cascade,
  -- The day of arrival, in UTC.
  day date not null,
  reason text not null,
  events bigint not null,
  primary key (project_id, day, reason)
);

alter table nunchi.analytics_events enable row level security, force row level security;
alter table nunchi.analytics_events_default enable row level security, force row level security;
alter table nunchi.event_processing_queue enable row level security, force row level security;
alter table nunchi.event_rejects enable row level security, force row level security;
alter table nunchi.sdk_drops enable row level security, force row level security;
create policy owner on nunchi.analytics_events to nunchi_owner using (true) with check (true);
create policy owner on nunchi.analytics_events_default to nunchi_owner using (true) with check (true);
create policy owner on nunchi.event_processing_queue to nunchi_owner using (true) with check (true);
create policy owner on nunchi.event_rejects to nunchi_owner using (true) with check (true);
create policy owner on nunchi.sdk_drops to nunchi_owner using (true) with check (true);

insert into nunchi.schema_migrations (version, name, checksum)
values (2, 'events', '18b740a0a7d309c61a120be9d8f64a1c4383e233d915bf1141d0ed9686037ddb');

reset role;
