-- Erased people, how long events are kept, and the record of who changed what.

-- Ids of erased people, as hashes: what still comes in their name is refused.
create table nunchi.erasures (
  project_id uuid not null references nunchi.projects on delete cascade,
  -- SHA-256 of the project's id, a colon and the anonymous or user id, hex.
  id_hash text not null,
  erased_at timestamptz not null default now(),
  primary key (project_id, id_hash)
);

-- Erasures under way: which ids, and how far. A row goes with the last of the person's data.
create table nunchi.erasure_runs (
  project_id uuid not null references nunchi.projects on delete cascade,
  -- As in erasures, of the id that was asked for.
  id_hash text not null,
  -- All ids of the person, in clear until there is nothing left to look for.
  ids text[] not null,
  -- marked (the tombstones stand), events (the events up to `after` are gone), derived (all events are).
  phase text not null,
  after uuid not null,
  -- What was deleted so far, by table.
  removed jsonb not null,
  started_at timestamptz not null default now(),
  primary key (project_id, id_hash)
);

-- How many days events are kept after they occurred; null keeps them.
alter table nunchi.projects add column retention_days integer check (retention_days > 0);

-- Append-only: nobody updates or deletes here.
create table nunchi.audit_log (
  id bigint generated always as identity primary key,
  -- No foreign key: the record outlives the project.
  project_id uuid,
  at timestamptz not null default clock_timestamp(),
  -- Who: `key:12`, `cli:name`, `job:retention`, or a person's id.
  actor text not null,
  -- What, such as `flag.update`, `key.create`, `person.erase`.
  action text not null,
  -- On what; of a person only the hash.
  subject text not null,
  before jsonb,
  after jsonb
);
create index audit_log_project on nunchi.audit_log (project_id, id);

create function nunchi.audit_log_is_append_only() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception 'nunchi.audit_log is append-only' using errcode = '42501';
end
$$;
revoke execute on function nunchi.audit_log_is_append_only() from public;
create trigger append_only before update or delete or truncate on nunchi.audit_log
  for each statement execute function nunchi.audit_log_is_append_only();

alter table nunchi.erasures enable row level security, force row level security;
alter table nunchi.erasure_runs enable row level security, force row level security;
alter table nunchi.audit_log enable row level security, force row level security;
create policy owner on nunchi.erasures to nunchi_owner using (true) with check (true);
create policy owner on nunchi.erasure_runs to nunchi_owner using (true) with check (true);
create policy owner on nunchi.audit_log to nunchi_owner using (true) with check (true);
