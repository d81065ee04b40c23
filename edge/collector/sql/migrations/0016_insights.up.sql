-- Insights: what a language model wrote, for a while, and what it cost.

-- By content alone: a row says neither whom it was written for nor about whom.
create table nunchi.insight_cache (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  -- SHA-256, hex, of what the model was given: pseudonymous, see docs/guide/insights.md.
  key text not null check (key ~ '^[0-9a-f]{64}$'),
  -- Null where the model wrote nothing that could be taken: it is not asked again for a while.
  answer jsonb,
  expires_at timestamptz not null,
  primary key (project_id, environment, key)
);
create index insight_cache_expires on nunchi.insight_cache (expires_at);
alter table nunchi.insight_cache enable row level security, force row level security;
create policy owner on nunchi.insight_cache to nunchi_owner using (true) with check (true);

-- The tokens of a project's day (UTC), reserved before the model is asked and corrected when it has answered.
create table nunchi.insight_usage (
  project_id uuid not null references nunchi.projects on delete cascade,
  day date not null,
  tokens bigint not null,
  calls bigint not null,
  -- Insights that the budget left to templates.
  refused bigint not null,
  primary key (project_id, day)
);
alter table nunchi.insight_usage enable row level security, force row level security;
create policy owner on nunchi.insight_usage to nunchi_owner using (true) with check (true);

-- Lists that were recommended while insights were on, for an hour: what an insight about one is written from.
create table nunchi.insight_recommendations (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  recommendation_id text not null,
  -- Whose it is: an anonymous_id, or the person behind a user_id; '' where it is nobody's in particular.
  actor text not null,
  by_user boolean not null,
  type text not null,
  -- [{ title, tags, reason }], as it was answered.
  items jsonb not null,
  expires_at timestamptz not null,
  primary key (project_id, environment, recommendation_id)
);
create index insight_recommendations_expires on nunchi.insight_recommendations (expires_at);
alter table nunchi.insight_recommendations enable row level security, force row level security;
create policy owner on nunchi.insight_recommendations to nunchi_owner using (true) with check (true);
