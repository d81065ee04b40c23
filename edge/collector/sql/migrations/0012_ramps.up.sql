-- Ramps: flags and experiments that grow by themselves while their guardrails hold, and roll back when one is hurt.
create table nunchi.ramps (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null check (environment in ('development', 'staging', 'production')),
  id uuid not null,
  kind text not null check (kind in ('flag', 'experiment')),
  -- The flag's or experiment's key.
  key text not null,
  -- The experiment that compares; for a flag the one that its rule names.
  experiment text not null,
  -- Its revision when the ramp began: another one ends the ramp.
  revision integer not null,
  -- { steps, guardrails, alpha, control, treatments, weights, winner }: fixed at the start.
  plan jsonb not null,
  state text not null check (state in ('running', 'paused', 'done', 'rolled_back', 'stopped')),
  -- From 0.
  step integer not null default 0,
  -- { code, en, ko }: why it is in this state, or what it waits for.
  reason jsonb not null,
  -- Counts decisions, so that none is made twice.
  turn bigint not null default 1,
  -- Nobody looks before: whoever claims it moves this on.
  next_look_at timestamptz not null default clock_timestamp(),
  actor text not null,
  started_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (project_id, environment, id),
  unique (id)
);
-- One at a time.
create unique index ramps_open on nunchi.ramps (project_id, environment, experiment)
  where state in ('running', 'paused');
create index ramps_due on nunchi.ramps (next_look_at) where state = 'running';

-- From when to when each step was in force; units belong to the step of their first exposure.
create table nunchi.ramp_steps (
  project_id uuid not null,
  environment text not null,
  ramp uuid not null,
  step integer not null,
  -- ppm, as published.
  coverage integer not null,
  -- The config that began it.
  config_number bigint not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (project_id, environment, ramp, step),
  foreign key (project_id, environment, ramp) references nunchi.ramps on delete cascade
);

-- What was seen at each look, and what came of it: the error that is spent, and the figures of the decision.
create table nunchi.ramp_looks (
  project_id uuid not null,
  environment text not null,
  ramp uuid not null,
  -- From 1.
  look integer not null,
  step integer not null,
  -- How much of the whole plan was over, from 0 to 1.
  progress double precision not null,
  -- [{ metric, variant, … }]
  tests jsonb not null,
  decision text not null,
  looked_at timestamptz not null default clock_timestamp(),
  primary key (project_id, environment, ramp, look),
  foreign key (project_id, environment, ramp) references nunchi.ramps on delete cascade
);

alter table nunchi.ramps enable row level security, force row level security;
alter table nunchi.ramp_steps enable row level security, force row level security;
alter table nunchi.ramp_looks enable row level security, force row level security;
create policy owner on nunchi.ramps to nunchi_owner using (true) with check (true);
create policy owner on nunchi.ramp_steps to nunchi_owner using (true) with check (true);
create policy owner on nunchi.ramp_looks to nunchi_owner using (true) with check (true);
