-- Matching people: who takes part, whom they do not want to meet, what they decided, and who may fit whom. People are
-- items of the type person, whose id is their user_id.

create table nunchi.match_consents (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  user_id text not null,
  given boolean not null,
  at timestamptz not null,
  primary key (project_id, environment, user_id)
);
create index match_consents_latest on nunchi.match_consents (project_id, environment, at desc, user_id) where given;

create table nunchi.match_blocks (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  user_id text not null,
  blocked_id text not null,
  at timestamptz not null,
  primary key (project_id, environment, user_id, blocked_id)
);
create index match_blocks_blocked on nunchi.match_blocks (project_id, environment, blocked_id);

-- What one person said about another; only they themselves, or a server for them, can say it.
create table nunchi.match_decisions (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  user_id text not null,
  other_id text not null,
  yes boolean not null,
  at timestamptz not null,
  primary key (project_id, environment, user_id, other_id)
);
create index match_decisions_other on nunchi.match_decisions (project_id, environment, other_id);

-- Whom the job found for whom. Who takes part, is blocked or was decided about is looked up when the list is asked for.
create table nunchi.match_candidates (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  user_id text not null,
  other_id text not null,
  -- The harmonic mean of the probabilities that each says yes to the other, 0 to 1.
  score real not null,
  -- { you: [reason], them: [reason] }: why the other may please the person, and the person the other.
  reasons jsonb not null,
  -- When the job began to read, in ms since the epoch.
  generation bigint not null,
  primary key (project_id, environment, user_id, other_id)
);
create index match_candidates_best on nunchi.match_candidates (project_id, environment, user_id, score desc, other_id);
create index match_candidates_other on nunchi.match_candidates (project_id, environment, other_id);

-- When people were matched last.
create table nunchi.match_runs (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  generation bigint not null,
  detail jsonb not null,
  finished_at timestamptz not null default clock_timestamp(),
  primary key (project_id, environment)
);

do $$
declare
  name text;
begin
  foreach name in array array['match_consents', 'match_blocks', 'match_decisions', 'match_candidates', 'match_runs']
  loop
    execute format('alter table nunchi.%I enable row level security, force row level security', name);
    execute format('create policy owner on nunchi.%I to nunchi_owner using (true) with check (true)', name);
  end loop;
end
$$;
