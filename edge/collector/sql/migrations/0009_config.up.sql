-- Flags and experiments: every config that was ever published, the present one as rows, and what exposures tell.

-- Append-only: what a page evaluated on a day can be read back for ever. The highest number is in force.
create table nunchi.config_versions (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null check (environment in ('development', 'staging', 'production')),
  -- Counts up from 1; who publishes names the number that was read, so that nobody overwrites unseen.
  number bigint not null check (number > 0),
  -- The hash of the canonical JSON of `config`; an exposure carries it.
  version text not null,
  -- What people manage: with names, hypotheses, descriptions.
  definition jsonb not null,
  -- What pages get.
  config jsonb not null,
  -- The highest revision that each flag and each started experiment was ever published with, deleted ones too: a
  -- revision never comes again for something else.
  revisions jsonb not null,
  published_at timestamptz not null default clock_timestamp(),
  actor text not null,
  -- What was done, such as `flag.update checkout`.
  reason text not null,
  primary key (project_id, environment, number)
);
create index config_versions_version on nunchi.config_versions (project_id, version);

-- The last definition that was refused, and why: `nunchi doctor` tells of it while nothing was published since.
create table nunchi.config_refusals (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null check (environment in ('development', 'staging', 'production')),
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  -- [{ path, message }], the first twenty.
  mistakes jsonb not null,
  primary key (project_id, environment)
);

-- The config in force as rows, for SQL; publish_config() keeps them.
create table nunchi.feature_flags (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  key text not null,
  type text not null,
  enabled boolean not null,
  revision integer not null,
  definition jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (project_id, environment, key)
);
create table nunchi.experiments (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  key text not null,
  name text not null,
  hypothesis text not null,
  status text not null,
  revision integer not null,
  target_sample_size bigint,
  confidence_level double precision not null,
  created_by text,
  -- When it first ran, and when it was completed.
  started_at timestamptz,
  ended_at timestamptz,
  -- Without the variants, which are rows of their own.
  definition jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (project_id, environment, key)
);
create table nunchi.experiment_variants (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  experiment text not null,
  key text not null,
  position integer not null,
  -- ppm.
  weight integer not null,
  is_control boolean not null,
  configuration jsonb,
  primary key (project_id, environment, experiment, key)
);

-- The first exposure of each unit to each revision of an experiment.
create table nunchi.experiment_assignments (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  experiment text not null,
  revision integer not null,
  -- The value of the attribute that was hashed.
  unit text not null,
  attribute text not null,
  variant text not null,
  config_version text not null,
  rule text,
  anonymous_id text,
  user_id text,
  assigned_at timestamptz not null,
  event_id uuid not null,
  -- Exposures to other variants too: such a unit is set apart in results.
  multiple boolean not null default false,
  primary key (project_id, environment, experiment, revision, unit)
);
create index experiment_assignments_visitor on nunchi.experiment_assignments (project_id, anonymous_id);
create index experiment_assignments_user on nunchi.experiment_assignments (project_id, user_id)
  where user_id is not null;

-- What trackConversion() reported, by the person who did it; which exposure it follows is decided at read.
create table nunchi.experiment_conversions (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  event_id uuid not null,
  metric text not null,
  value numeric,
  step text,
  anonymous_id text,
  user_id text,
  occurred_at timestamptz not null,
  primary key (project_id, event_id)
);
create index experiment_conversions_metric
  on nunchi.experiment_conversions (project_id, environment, metric, occurred_at);

alter table nunchi.config_versions enable row level security, force row level security;
alter table nunchi.config_refusals enable row level security, force row level security;
alter table nunchi.feature_flags enable row level security, force row level security;
alter table nunchi.experiments enable row level security, force row level security;
alter table nunchi.experiment_variants enable row level security, force row level security;
alter table nunchi.experiment_assignments enable row level security, force row level security;
alter table nunchi.experiment_conversions enable row level security, force row level security;
create policy owner on nunchi.config_versions to nunchi_owner using (true) with check (true);
create policy owner on nunchi.config_refusals to nunchi_owner using (true) with check (true);
create policy owner on nunchi.feature_flags to nunchi_owner using (true) with check (true);
create policy owner on nunchi.experiments to nunchi_owner using (true) with check (true);
create policy owner on nunchi.experiment_variants to nunchi_owner using (true) with check (true);
create policy owner on nunchi.experiment_assignments to nunchi_owner using (true) with check (true);
create policy owner on nunchi.experiment_conversions to nunchi_owner using (true) with check (true);
