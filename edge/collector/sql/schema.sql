-- What the migrations and functions make of a database, read from its catalog. Generated: do not edit.
-- After a change under sql/ run: node edge/collector/test/generate.ts
-- Function bodies stand in functions/. The months' partitions are made at run time, each like the default one.

create table nunchi.actor_changes (
  project_id uuid not null,
  environment text not null,
  actor text not null,
  by_user boolean not null,
  shard smallint not null,
  since timestamp with time zone not null default clock_timestamp(),
  constraint actor_changes_pkey PRIMARY KEY (project_id, environment, actor, by_user, shard),
  constraint actor_changes_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.actor_changes owner to nunchi_owner;
CREATE INDEX actor_changes_since ON nunchi.actor_changes USING btree (since);
alter table nunchi.actor_changes enable row level security, force row level security;
create policy owner on nunchi.actor_changes to nunchi_owner using (true) with check (true);

create table nunchi.aliases (
  project_id uuid not null,
  previous_id text not null,
  user_id text not null,
  linked_at timestamp with time zone not null,
  event_id uuid not null,
  constraint aliases_pkey PRIMARY KEY (project_id, previous_id),
  constraint aliases_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.aliases owner to nunchi_owner;
CREATE INDEX aliases_user ON nunchi.aliases USING btree (project_id, user_id);
alter table nunchi.aliases enable row level security, force row level security;
create policy owner on nunchi.aliases to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.aliases for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.aliases to nunchi_reader;

create table nunchi.analytics_events (
  project_id uuid not null,
  id uuid not null,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  ts timestamp with time zone not null,
  skew_ms bigint not null,
  seq bigint not null,
  key_id integer not null,
  clock_suspect boolean not null,
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
  context jsonb,
  bot boolean not null default false,
  constraint analytics_events_pkey PRIMARY KEY (project_id, id)
) partition by RANGE (id);
alter table nunchi.analytics_events owner to nunchi_owner;
CREATE INDEX analytics_events_suspect ON ONLY nunchi.analytics_events USING btree (project_id, occurred_at) WHERE clock_suspect;
alter table nunchi.analytics_events enable row level security, force row level security;
create policy owner on nunchi.analytics_events to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.analytics_events for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.analytics_events to nunchi_reader;

create table nunchi.analytics_events_default partition of nunchi.analytics_events default;
alter table nunchi.analytics_events_default owner to nunchi_owner;
alter table nunchi.analytics_events_default enable row level security, force row level security;
create policy owner on nunchi.analytics_events_default to nunchi_owner using (true) with check (true);

create table nunchi.api_keys (
  id integer not null generated always as identity,
  project_id uuid not null,
  environment text not null,
  kind text not null,
  hash text not null,
  hint text not null,
  plain text,
  scopes text[] not null default '{}'::text[],
  origins text[] not null default '{}'::text[],
  rate_limit integer,
  internal boolean not null default false,
  created_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  constraint api_keys_hash_key UNIQUE (hash),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint api_keys_check CHECK (((plain IS NULL) OR (kind = 'pub'::text))),
  constraint api_keys_environment_check CHECK ((environment = ANY (ARRAY['development'::text, 'staging'::text, 'production'::text]))),
  constraint api_keys_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
  constraint api_keys_kind_check CHECK ((kind = ANY (ARRAY['pub'::text, 'srv'::text]))),
  constraint api_keys_rate_limit_check CHECK ((rate_limit > 0))
);
alter table nunchi.api_keys owner to nunchi_owner;
CREATE INDEX api_keys_project ON nunchi.api_keys USING btree (project_id);
alter table nunchi.api_keys enable row level security, force row level security;
create policy owner on nunchi.api_keys to nunchi_owner using (true) with check (true);

create table nunchi.audit_log (
  id bigint not null generated always as identity,
  project_id uuid,
  at timestamp with time zone not null default clock_timestamp(),
  actor text not null,
  action text not null,
  subject text not null,
  before jsonb,
  after jsonb,
  constraint audit_log_pkey PRIMARY KEY (id)
);
alter table nunchi.audit_log owner to nunchi_owner;
CREATE INDEX audit_log_project ON nunchi.audit_log USING btree (project_id, id);
alter table nunchi.audit_log enable row level security, force row level security;
create policy owner on nunchi.audit_log to nunchi_owner using (true) with check (true);

create table nunchi.config_refusals (
  project_id uuid not null,
  environment text not null,
  at timestamp with time zone not null default clock_timestamp(),
  actor text not null,
  mistakes jsonb not null,
  constraint config_refusals_pkey PRIMARY KEY (project_id, environment),
  constraint config_refusals_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint config_refusals_environment_check CHECK ((environment = ANY (ARRAY['development'::text, 'staging'::text, 'production'::text])))
);
alter table nunchi.config_refusals owner to nunchi_owner;
alter table nunchi.config_refusals enable row level security, force row level security;
create policy owner on nunchi.config_refusals to nunchi_owner using (true) with check (true);

create table nunchi.config_versions (
  project_id uuid not null,
  environment text not null,
  number bigint not null,
  version text not null,
  definition jsonb not null,
  config jsonb not null,
  revisions jsonb not null,
  published_at timestamp with time zone not null default clock_timestamp(),
  actor text not null,
  reason text not null,
  constraint config_versions_pkey PRIMARY KEY (project_id, environment, number),
  constraint config_versions_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint config_versions_environment_check CHECK ((environment = ANY (ARRAY['development'::text, 'staging'::text, 'production'::text]))),
  constraint config_versions_number_check CHECK ((number > 0))
);
alter table nunchi.config_versions owner to nunchi_owner;
CREATE INDEX config_versions_version ON nunchi.config_versions USING btree (project_id, version);
alter table nunchi.config_versions enable row level security, force row level security;
create policy owner on nunchi.config_versions to nunchi_owner using (true) with check (true);

create table nunchi.daily_visitors (
  project_id uuid not null,
  environment text not null,
  day date not null,
  anonymous_id text not null,
  user_id text not null,
  constraint daily_visitors_pkey PRIMARY KEY (project_id, environment, day, anonymous_id, user_id),
  constraint daily_visitors_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.daily_visitors owner to nunchi_owner;
alter table nunchi.daily_visitors enable row level security, force row level security;
create policy owner on nunchi.daily_visitors to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.daily_visitors for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.daily_visitors to nunchi_reader;

create table nunchi.erasure_runs (
  project_id uuid not null,
  id_hash text not null,
  ids text[] not null,
  phase text not null,
  after uuid not null,
  removed jsonb not null,
  started_at timestamp with time zone not null default now(),
  constraint erasure_runs_pkey PRIMARY KEY (project_id, id_hash),
  constraint erasure_runs_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.erasure_runs owner to nunchi_owner;
alter table nunchi.erasure_runs enable row level security, force row level security;
create policy owner on nunchi.erasure_runs to nunchi_owner using (true) with check (true);

create table nunchi.erasures (
  project_id uuid not null,
  id_hash text not null,
  erased_at timestamp with time zone not null default now(),
  constraint erasures_pkey PRIMARY KEY (project_id, id_hash),
  constraint erasures_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.erasures owner to nunchi_owner;
alter table nunchi.erasures enable row level security, force row level security;
create policy owner on nunchi.erasures to nunchi_owner using (true) with check (true);

create table nunchi.event_processing_queue (
  id bigint not null generated always as identity,
  project_ids uuid[] not null,
  event_ids uuid[] storage external not null,
  processing_status text not null default 'pending'::text,
  retry_count integer not null default 0,
  created_at timestamp with time zone not null default now(),
  processed_at timestamp with time zone,
  run_after timestamp with time zone,
  error text,
  constraint event_processing_queue_pkey PRIMARY KEY (id)
);
alter table nunchi.event_processing_queue owner to nunchi_owner;
CREATE INDEX event_processing_queue_dead ON nunchi.event_processing_queue USING btree (id) WHERE (processing_status = 'dead'::text);
CREATE INDEX event_processing_queue_pending ON nunchi.event_processing_queue USING btree (id) WHERE (processing_status = 'pending'::text);
alter table nunchi.event_processing_queue enable row level security, force row level security;
create policy owner on nunchi.event_processing_queue to nunchi_owner using (true) with check (true);

create table nunchi.event_rejects (
  project_id uuid not null,
  batch text not null,
  index integer not null,
  event_id text,
  code text not null,
  detail text not null,
  event text not null,
  key_id integer not null,
  received_at timestamp with time zone not null,
  constraint event_rejects_pkey PRIMARY KEY (project_id, batch, index),
  constraint event_rejects_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.event_rejects owner to nunchi_owner;
CREATE INDEX event_rejects_newest ON nunchi.event_rejects USING btree (project_id, received_at);
alter table nunchi.event_rejects enable row level security, force row level security;
create policy owner on nunchi.event_rejects to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.event_rejects for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.event_rejects to nunchi_reader;

create table nunchi.experiment_assignments (
  project_id uuid not null,
  environment text not null,
  experiment text not null,
  revision integer not null,
  unit text not null,
  attribute text not null,
  variant text not null,
  config_version text not null,
  rule text,
  anonymous_id text,
  user_id text,
  assigned_at timestamp with time zone not null,
  event_id uuid not null,
  multiple boolean not null default false,
  constraint experiment_assignments_pkey PRIMARY KEY (project_id, environment, experiment, revision, unit),
  constraint experiment_assignments_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.experiment_assignments owner to nunchi_owner;
CREATE INDEX experiment_assignments_user ON nunchi.experiment_assignments USING btree (project_id, user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX experiment_assignments_visitor ON nunchi.experiment_assignments USING btree (project_id, anonymous_id);
alter table nunchi.experiment_assignments enable row level security, force row level security;
create policy owner on nunchi.experiment_assignments to nunchi_owner using (true) with check (true);

create table nunchi.experiment_conversions (
  project_id uuid not null,
  environment text not null,
  event_id uuid not null,
  metric text not null,
  value numeric,
  step text,
  anonymous_id text,
  user_id text,
  occurred_at timestamp with time zone not null,
  constraint experiment_conversions_pkey PRIMARY KEY (project_id, event_id),
  constraint experiment_conversions_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.experiment_conversions owner to nunchi_owner;
CREATE INDEX experiment_conversions_metric ON nunchi.experiment_conversions USING btree (project_id, environment, metric, occurred_at);
alter table nunchi.experiment_conversions enable row level security, force row level security;
create policy owner on nunchi.experiment_conversions to nunchi_owner using (true) with check (true);

create table nunchi.experiment_variants (
  project_id uuid not null,
  environment text not null,
  experiment text not null,
  key text not null,
  position integer not null,
  weight integer not null,
  is_control boolean not null,
  configuration jsonb,
  constraint experiment_variants_pkey PRIMARY KEY (project_id, environment, experiment, key),
  constraint experiment_variants_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.experiment_variants owner to nunchi_owner;
alter table nunchi.experiment_variants enable row level security, force row level security;
create policy owner on nunchi.experiment_variants to nunchi_owner using (true) with check (true);

create table nunchi.experiments (
  project_id uuid not null,
  environment text not null,
  key text not null,
  name text not null,
  hypothesis text not null,
  status text not null,
  revision integer not null,
  target_sample_size bigint,
  confidence_level double precision not null,
  created_by text,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  definition jsonb not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint experiments_pkey PRIMARY KEY (project_id, environment, key),
  constraint experiments_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.experiments owner to nunchi_owner;
alter table nunchi.experiments enable row level security, force row level security;
create policy owner on nunchi.experiments to nunchi_owner using (true) with check (true);

create table nunchi.feature_flags (
  project_id uuid not null,
  environment text not null,
  key text not null,
  type text not null,
  enabled boolean not null,
  revision integer not null,
  definition jsonb not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint feature_flags_pkey PRIMARY KEY (project_id, environment, key),
  constraint feature_flags_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.feature_flags owner to nunchi_owner;
alter table nunchi.feature_flags enable row level security, force row level security;
create policy owner on nunchi.feature_flags to nunchi_owner using (true) with check (true);

create table nunchi.identities (
  project_id uuid not null,
  anonymous_id text not null,
  user_id text not null,
  linked_at timestamp with time zone not null,
  event_id uuid not null,
  constraint identities_pkey PRIMARY KEY (project_id, anonymous_id),
  constraint identities_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.identities owner to nunchi_owner;
CREATE INDEX identities_user ON nunchi.identities USING btree (project_id, user_id);
alter table nunchi.identities enable row level security, force row level security;
create policy owner on nunchi.identities to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.identities for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.identities to nunchi_reader;

create table nunchi.import_runs (
  project_id uuid not null,
  environment text not null,
  source text not null,
  key_id integer not null,
  cursor text,
  rows bigint not null default 0,
  accepted bigint not null default 0,
  duplicates bigint not null default 0,
  bad bigint not null default 0,
  started_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  constraint import_runs_pkey PRIMARY KEY (project_id, environment, source),
  constraint import_runs_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.import_runs owner to nunchi_owner;
alter table nunchi.import_runs enable row level security, force row level security;
create policy owner on nunchi.import_runs to nunchi_owner using (true) with check (true);

create table nunchi.insight_cache (
  project_id uuid not null,
  environment text not null,
  key text not null,
  answer jsonb,
  expires_at timestamp with time zone not null,
  constraint insight_cache_pkey PRIMARY KEY (project_id, environment, key),
  constraint insight_cache_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint insight_cache_key_check CHECK ((key ~ '^[0-9a-f]{64}$'::text))
);
alter table nunchi.insight_cache owner to nunchi_owner;
CREATE INDEX insight_cache_expires ON nunchi.insight_cache USING btree (expires_at);
alter table nunchi.insight_cache enable row level security, force row level security;
create policy owner on nunchi.insight_cache to nunchi_owner using (true) with check (true);

create table nunchi.insight_recommendations (
  project_id uuid not null,
  environment text not null,
  recommendation_id text not null,
  actor text not null,
  by_user boolean not null,
  type text not null,
  items jsonb not null,
  expires_at timestamp with time zone not null,
  constraint insight_recommendations_pkey PRIMARY KEY (project_id, environment, recommendation_id),
  constraint insight_recommendations_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.insight_recommendations owner to nunchi_owner;
CREATE INDEX insight_recommendations_expires ON nunchi.insight_recommendations USING btree (expires_at);
alter table nunchi.insight_recommendations enable row level security, force row level security;
create policy owner on nunchi.insight_recommendations to nunchi_owner using (true) with check (true);

create table nunchi.insight_usage (
  project_id uuid not null,
  day date not null,
  tokens bigint not null,
  calls bigint not null,
  refused bigint not null,
  constraint insight_usage_pkey PRIMARY KEY (project_id, day),
  constraint insight_usage_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.insight_usage owner to nunchi_owner;
alter table nunchi.insight_usage enable row level security, force row level security;
create policy owner on nunchi.insight_usage to nunchi_owner using (true) with check (true);

create table nunchi.interactions (
  project_id uuid not null,
  environment text not null,
  actor text not null,
  by_user boolean not null,
  item text not null,
  weight numeric not null,
  kinds jsonb not null,
  network text,
  country text,
  device_class text,
  event_id uuid not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  dismissed_at timestamp with time zone,
  crowded boolean not null default false,
  loud boolean not null default false,
  constraint interactions_pkey PRIMARY KEY (project_id, environment, actor, by_user, item),
  constraint interactions_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.interactions owner to nunchi_owner;
CREATE INDEX interactions_item ON nunchi.interactions USING btree (project_id, environment, item, last_at DESC);
CREATE INDEX interactions_latest ON nunchi.interactions USING btree (project_id, environment, actor, by_user, last_at DESC, item);
CREATE INDEX interactions_unheard ON nunchi.interactions USING btree (project_id, environment, actor, by_user) WHERE (crowded OR loud);
alter table nunchi.interactions enable row level security, force row level security;
create policy owner on nunchi.interactions to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.interactions for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.interactions to nunchi_reader;

create table nunchi.item_changes (
  project_id uuid not null,
  environment text not null,
  item text not null,
  shard smallint not null,
  since timestamp with time zone not null default clock_timestamp(),
  constraint item_changes_pkey PRIMARY KEY (project_id, environment, item, shard),
  constraint item_changes_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.item_changes owner to nunchi_owner;
CREATE INDEX item_changes_since ON nunchi.item_changes USING btree (since);
alter table nunchi.item_changes enable row level security, force row level security;
create policy owner on nunchi.item_changes to nunchi_owner using (true) with check (true);

create table nunchi.item_features (
  project_id uuid not null,
  environment text not null,
  feature text not null,
  item text not null,
  constraint item_features_pkey PRIMARY KEY (project_id, environment, feature, item),
  constraint item_features_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.item_features owner to nunchi_owner;
CREATE INDEX item_features_item ON nunchi.item_features USING btree (project_id, environment, item);
alter table nunchi.item_features enable row level security, force row level security;
create policy owner on nunchi.item_features to nunchi_owner using (true) with check (true);

create table nunchi.item_neighbors (
  project_id uuid not null,
  environment text not null,
  item text not null,
  source text not null,
  neighbor text not null,
  similarity real not null,
  support real not null,
  generation bigint not null,
  constraint item_neighbors_pkey PRIMARY KEY (project_id, environment, item, source, neighbor),
  constraint item_neighbors_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint item_neighbors_source_check CHECK ((source = ANY (ARRAY['cf'::text, 'ease'::text, 'content'::text])))
);
alter table nunchi.item_neighbors owner to nunchi_owner;
CREATE INDEX item_neighbors_reverse ON nunchi.item_neighbors USING btree (project_id, environment, neighbor, source, similarity DESC, item);
alter table nunchi.item_neighbors enable row level security, force row level security;
create policy owner on nunchi.item_neighbors to nunchi_owner using (true) with check (true);

create table nunchi.item_popularity (
  project_id uuid not null,
  environment text not null,
  type text not null,
  segment text not null,
  item text not null,
  score double precision not null,
  constraint item_popularity_pkey PRIMARY KEY (project_id, environment, item, segment),
  constraint item_popularity_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.item_popularity owner to nunchi_owner;
CREATE INDEX item_popularity_top ON nunchi.item_popularity USING btree (project_id, environment, type, segment, score DESC, item);
alter table nunchi.item_popularity enable row level security, force row level security;
create policy owner on nunchi.item_popularity to nunchi_owner using (true) with check (true);

create table nunchi.item_stats (
  project_id uuid not null,
  environment text not null,
  item text not null,
  norm double precision,
  words double precision,
  actors bigint not null,
  floor double precision not null default 0,
  refreshed_at timestamp with time zone not null,
  constraint item_stats_pkey PRIMARY KEY (project_id, environment, item),
  constraint item_stats_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.item_stats owner to nunchi_owner;
alter table nunchi.item_stats enable row level security, force row level security;
create policy owner on nunchi.item_stats to nunchi_owner using (true) with check (true);

create table nunchi.items (
  project_id uuid not null,
  environment text not null,
  id text not null,
  type text not null,
  title text not null,
  url text,
  image text,
  tags text[] not null,
  text text,
  attributes jsonb not null,
  available boolean not null,
  hash text not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  updated_at timestamp with time zone not null default clock_timestamp(),
  deleted_at timestamp with time zone,
  constraint items_pkey PRIMARY KEY (project_id, environment, id),
  constraint items_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.items owner to nunchi_owner;
CREATE INDEX items_new ON nunchi.items USING btree (project_id, environment, type, created_at DESC, id) WHERE ((deleted_at IS NULL) AND available);
CREATE INDEX items_type ON nunchi.items USING btree (project_id, environment, type, id) WHERE (deleted_at IS NULL);
CREATE INDEX items_url ON nunchi.items USING btree (project_id, environment, url) WHERE (deleted_at IS NULL);
alter table nunchi.items enable row level security, force row level security;
create policy owner on nunchi.items to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.items for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.items to nunchi_reader;

create table nunchi.match_blocks (
  project_id uuid not null,
  environment text not null,
  user_id text not null,
  blocked_id text not null,
  at timestamp with time zone not null,
  constraint match_blocks_pkey PRIMARY KEY (project_id, environment, user_id, blocked_id),
  constraint match_blocks_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.match_blocks owner to nunchi_owner;
CREATE INDEX match_blocks_blocked ON nunchi.match_blocks USING btree (project_id, environment, blocked_id);
alter table nunchi.match_blocks enable row level security, force row level security;
create policy owner on nunchi.match_blocks to nunchi_owner using (true) with check (true);

create table nunchi.match_candidates (
  project_id uuid not null,
  environment text not null,
  user_id text not null,
  other_id text not null,
  score real not null,
  reasons jsonb not null,
  generation bigint not null,
  constraint match_candidates_pkey PRIMARY KEY (project_id, environment, user_id, other_id),
  constraint match_candidates_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.match_candidates owner to nunchi_owner;
CREATE INDEX match_candidates_best ON nunchi.match_candidates USING btree (project_id, environment, user_id, score DESC, other_id);
CREATE INDEX match_candidates_other ON nunchi.match_candidates USING btree (project_id, environment, other_id);
alter table nunchi.match_candidates enable row level security, force row level security;
create policy owner on nunchi.match_candidates to nunchi_owner using (true) with check (true);

create table nunchi.match_consents (
  project_id uuid not null,
  environment text not null,
  user_id text not null,
  given boolean not null,
  at timestamp with time zone not null,
  constraint match_consents_pkey PRIMARY KEY (project_id, environment, user_id),
  constraint match_consents_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.match_consents owner to nunchi_owner;
CREATE INDEX match_consents_latest ON nunchi.match_consents USING btree (project_id, environment, at DESC, user_id) WHERE given;
alter table nunchi.match_consents enable row level security, force row level security;
create policy owner on nunchi.match_consents to nunchi_owner using (true) with check (true);

create table nunchi.match_decisions (
  project_id uuid not null,
  environment text not null,
  user_id text not null,
  other_id text not null,
  yes boolean not null,
  at timestamp with time zone not null,
  constraint match_decisions_pkey PRIMARY KEY (project_id, environment, user_id, other_id),
  constraint match_decisions_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.match_decisions owner to nunchi_owner;
CREATE INDEX match_decisions_other ON nunchi.match_decisions USING btree (project_id, environment, other_id);
alter table nunchi.match_decisions enable row level security, force row level security;
create policy owner on nunchi.match_decisions to nunchi_owner using (true) with check (true);

create table nunchi.match_runs (
  project_id uuid not null,
  environment text not null,
  generation bigint not null,
  detail jsonb not null,
  finished_at timestamp with time zone not null default clock_timestamp(),
  constraint match_runs_pkey PRIMARY KEY (project_id, environment),
  constraint match_runs_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.match_runs owner to nunchi_owner;
alter table nunchi.match_runs enable row level security, force row level security;
create policy owner on nunchi.match_runs to nunchi_owner using (true) with check (true);

create table nunchi.metric_facts (
  project_id uuid not null,
  part integer not null,
  event_id uuid not null,
  occurred_at timestamp with time zone not null,
  anonymous_id text,
  user_id text,
  amount numeric,
  fault text,
  constraint metric_facts_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.metric_facts owner to nunchi_owner;
CREATE INDEX metric_facts_user ON nunchi.metric_facts USING btree (project_id, user_id, anonymous_id) WHERE (user_id IS NOT NULL);
CREATE UNIQUE INDEX metric_facts_visitor ON nunchi.metric_facts USING btree (project_id, anonymous_id, part, event_id) NULLS NOT DISTINCT;
alter table nunchi.metric_facts enable row level security, force row level security;
create policy owner on nunchi.metric_facts to nunchi_owner using (true) with check (true);

create table nunchi.metric_parts (
  id integer not null generated always as identity,
  project_id uuid not null,
  environment text not null,
  part jsonb not null,
  filled_from timestamp with time zone not null default 'infinity'::timestamp with time zone,
  wanted boolean not null default true,
  constraint metric_parts_project_id_environment_part_key UNIQUE (project_id, environment, part),
  constraint metric_parts_pkey PRIMARY KEY (id),
  constraint metric_parts_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.metric_parts owner to nunchi_owner;
alter table nunchi.metric_parts enable row level security, force row level security;
create policy owner on nunchi.metric_parts to nunchi_owner using (true) with check (true);

create table nunchi.metrics (
  project_id uuid not null,
  key text not null,
  definition jsonb not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint metrics_pkey PRIMARY KEY (project_id, key),
  constraint metrics_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint metrics_key_check CHECK ((key ~ '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$'::text))
);
alter table nunchi.metrics owner to nunchi_owner;
alter table nunchi.metrics enable row level security, force row level security;
create policy owner on nunchi.metrics to nunchi_owner using (true) with check (true);

create table nunchi.minute_visitors (
  project_id uuid not null,
  environment text not null,
  minute timestamp with time zone not null,
  anonymous_id text not null,
  user_id text not null,
  constraint minute_visitors_pkey PRIMARY KEY (project_id, environment, minute, anonymous_id, user_id),
  constraint minute_visitors_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.minute_visitors owner to nunchi_owner;
alter table nunchi.minute_visitors enable row level security, force row level security;
create policy owner on nunchi.minute_visitors to nunchi_owner using (true) with check (true);

create table nunchi.overview_sessions (
  token_hash text not null,
  project_id uuid not null,
  key_id integer not null,
  expires_at timestamp with time zone not null,
  constraint overview_sessions_pkey PRIMARY KEY (token_hash),
  constraint overview_sessions_key_id_fkey FOREIGN KEY (key_id) REFERENCES nunchi.api_keys(id) ON DELETE CASCADE,
  constraint overview_sessions_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint overview_sessions_token_hash_check CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text))
);
alter table nunchi.overview_sessions owner to nunchi_owner;
CREATE INDEX overview_sessions_key ON nunchi.overview_sessions USING btree (key_id);
CREATE INDEX overview_sessions_project ON nunchi.overview_sessions USING btree (project_id);
alter table nunchi.overview_sessions enable row level security, force row level security;
create policy owner on nunchi.overview_sessions to nunchi_owner using (true) with check (true);

create table nunchi.processing_minutes (
  minute timestamp with time zone not null,
  shard smallint not null,
  calls bigint not null,
  events bigint not null,
  failures bigint not null,
  latency_ms_sum bigint not null,
  latency_ms_max bigint not null,
  constraint processing_minutes_pkey PRIMARY KEY (minute, shard)
);
alter table nunchi.processing_minutes owner to nunchi_owner;
alter table nunchi.processing_minutes enable row level security, force row level security;
create policy owner on nunchi.processing_minutes to nunchi_owner using (true) with check (true);

create table nunchi.project_members (
  project_id uuid not null,
  user_id text not null,
  role text not null,
  created_at timestamp with time zone not null default now(),
  constraint project_members_pkey PRIMARY KEY (project_id, user_id),
  constraint project_members_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint project_members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'editor'::text, 'viewer'::text]))),
  constraint project_members_user_id_check CHECK ((user_id <> ''::text))
);
alter table nunchi.project_members owner to nunchi_owner;
CREATE INDEX project_members_user ON nunchi.project_members USING btree (user_id, project_id);
alter table nunchi.project_members enable row level security, force row level security;
create policy member_reads on nunchi.project_members for select to nunchi_member using ((project_id = ANY (ARRAY( SELECT nunchi.my_projects() AS my_projects))));
create policy owner on nunchi.project_members to nunchi_owner using (true) with check (true);
grant select on nunchi.project_members to nunchi_member;

create table nunchi.projects (
  id uuid not null,
  name text not null,
  timezone text not null default 'UTC'::text,
  created_at timestamp with time zone not null default now(),
  retention_days integer,
  constraint projects_name_key UNIQUE (name),
  constraint projects_pkey PRIMARY KEY (id),
  constraint projects_name_check CHECK (((name <> ''::text) AND (length(name) <= 200))),
  constraint projects_retention_days_check CHECK ((retention_days > 0))
);
alter table nunchi.projects owner to nunchi_owner;
alter table nunchi.projects enable row level security, force row level security;
create policy member_reads on nunchi.projects for select to nunchi_member using ((id = ANY (ARRAY( SELECT nunchi.my_projects() AS my_projects))));
create policy owner on nunchi.projects to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.projects for select to nunchi_reader using ((id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.projects to nunchi_member;
grant select on nunchi.projects to nunchi_reader;

create table nunchi.quality_days (
  project_id uuid not null,
  environment text not null,
  day date not null,
  shard smallint not null,
  events bigint not null,
  bots bigint not null,
  internal bigint not null,
  late bigint not null,
  skewed bigint not null,
  clock_suspect bigint not null,
  constraint quality_days_pkey PRIMARY KEY (project_id, environment, day, shard),
  constraint quality_days_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.quality_days owner to nunchi_owner;
alter table nunchi.quality_days enable row level security, force row level security;
create policy owner on nunchi.quality_days to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.quality_days for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.quality_days to nunchi_reader;

create table nunchi.ramp_looks (
  project_id uuid not null,
  environment text not null,
  ramp uuid not null,
  look integer not null,
  step integer not null,
  progress double precision not null,
  tests jsonb not null,
  decision text not null,
  looked_at timestamp with time zone not null default clock_timestamp(),
  constraint ramp_looks_pkey PRIMARY KEY (project_id, environment, ramp, look),
  constraint ramp_looks_project_id_environment_ramp_fkey FOREIGN KEY (project_id, environment, ramp) REFERENCES nunchi.ramps(project_id, environment, id) ON DELETE CASCADE
);
alter table nunchi.ramp_looks owner to nunchi_owner;
alter table nunchi.ramp_looks enable row level security, force row level security;
create policy owner on nunchi.ramp_looks to nunchi_owner using (true) with check (true);

create table nunchi.ramp_steps (
  project_id uuid not null,
  environment text not null,
  ramp uuid not null,
  step integer not null,
  coverage integer not null,
  config_number bigint not null,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint ramp_steps_pkey PRIMARY KEY (project_id, environment, ramp, step),
  constraint ramp_steps_project_id_environment_ramp_fkey FOREIGN KEY (project_id, environment, ramp) REFERENCES nunchi.ramps(project_id, environment, id) ON DELETE CASCADE
);
alter table nunchi.ramp_steps owner to nunchi_owner;
alter table nunchi.ramp_steps enable row level security, force row level security;
create policy owner on nunchi.ramp_steps to nunchi_owner using (true) with check (true);

create table nunchi.ramps (
  project_id uuid not null,
  environment text not null,
  id uuid not null,
  kind text not null,
  key text not null,
  experiment text not null,
  revision integer not null,
  plan jsonb not null,
  state text not null,
  step integer not null default 0,
  reason jsonb not null,
  turn bigint not null default 1,
  next_look_at timestamp with time zone not null default clock_timestamp(),
  actor text not null,
  started_at timestamp with time zone not null default clock_timestamp(),
  updated_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  constraint ramps_id_key UNIQUE (id),
  constraint ramps_pkey PRIMARY KEY (project_id, environment, id),
  constraint ramps_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint ramps_environment_check CHECK ((environment = ANY (ARRAY['development'::text, 'staging'::text, 'production'::text]))),
  constraint ramps_kind_check CHECK ((kind = ANY (ARRAY['flag'::text, 'experiment'::text]))),
  constraint ramps_state_check CHECK ((state = ANY (ARRAY['running'::text, 'paused'::text, 'done'::text, 'rolled_back'::text, 'stopped'::text])))
);
alter table nunchi.ramps owner to nunchi_owner;
CREATE INDEX ramps_due ON nunchi.ramps USING btree (next_look_at) WHERE (state = 'running'::text);
CREATE UNIQUE INDEX ramps_open ON nunchi.ramps USING btree (project_id, environment, experiment) WHERE (state = ANY (ARRAY['running'::text, 'paused'::text]));
alter table nunchi.ramps enable row level security, force row level security;
create policy owner on nunchi.ramps to nunchi_owner using (true) with check (true);

create table nunchi.reader_grants (
  role_name name not null,
  project_id uuid not null,
  granted_at timestamp with time zone not null default now(),
  constraint reader_grants_pkey PRIMARY KEY (role_name, project_id),
  constraint reader_grants_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.reader_grants owner to nunchi_owner;
alter table nunchi.reader_grants enable row level security, force row level security;
create policy owner on nunchi.reader_grants to nunchi_owner using (true) with check (true);

create table nunchi.recommendation_cache (
  project_id uuid not null,
  environment text not null,
  cache_key text not null,
  actor text not null,
  by_user boolean not null,
  answer jsonb not null,
  expires_at timestamp with time zone not null,
  constraint recommendation_cache_pkey PRIMARY KEY (project_id, environment, actor, by_user, cache_key),
  constraint recommendation_cache_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.recommendation_cache owner to nunchi_owner;
CREATE INDEX recommendation_cache_expires ON nunchi.recommendation_cache USING btree (expires_at);
alter table nunchi.recommendation_cache enable row level security, force row level security;
create policy owner on nunchi.recommendation_cache to nunchi_owner using (true) with check (true);

create table nunchi.recommendation_catalogs (
  project_id uuid not null,
  environment text not null,
  version bigint not null,
  changed_at timestamp with time zone not null default clock_timestamp(),
  crowds text[] not null default '{}'::text[],
  constraint recommendation_catalogs_pkey PRIMARY KEY (project_id, environment),
  constraint recommendation_catalogs_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.recommendation_catalogs owner to nunchi_owner;
alter table nunchi.recommendation_catalogs enable row level security, force row level security;
create policy owner on nunchi.recommendation_catalogs to nunchi_owner using (true) with check (true);

create table nunchi.recommendation_days (
  project_id uuid not null,
  environment text not null,
  day date not null,
  list text not null,
  item text not null,
  shard smallint not null,
  impressions bigint not null,
  clicks bigint not null,
  constraint recommendation_days_pkey PRIMARY KEY (project_id, environment, day, list, item, shard),
  constraint recommendation_days_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.recommendation_days owner to nunchi_owner;
CREATE INDEX recommendation_days_item ON nunchi.recommendation_days USING btree (project_id, environment, item, day);
alter table nunchi.recommendation_days enable row level security, force row level security;
create policy owner on nunchi.recommendation_days to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.recommendation_days for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.recommendation_days to nunchi_reader;

create table nunchi.recommendation_errors (
  project_id uuid not null,
  environment text not null,
  hour timestamp with time zone not null,
  code text not null,
  errors bigint not null,
  message text not null,
  constraint recommendation_errors_pkey PRIMARY KEY (project_id, environment, hour, code),
  constraint recommendation_errors_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.recommendation_errors owner to nunchi_owner;
alter table nunchi.recommendation_errors enable row level security, force row level security;
create policy owner on nunchi.recommendation_errors to nunchi_owner using (true) with check (true);

create table nunchi.recommendation_models (
  project_id uuid not null,
  environment text not null,
  source text not null,
  generation bigint not null,
  detail jsonb not null,
  trained_at timestamp with time zone not null default clock_timestamp(),
  constraint recommendation_models_pkey PRIMARY KEY (project_id, environment, source),
  constraint recommendation_models_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.recommendation_models owner to nunchi_owner;
alter table nunchi.recommendation_models enable row level security, force row level security;
create policy owner on nunchi.recommendation_models to nunchi_owner using (true) with check (true);

create table nunchi.recommendation_settings (
  project_id uuid not null,
  environment text not null,
  definition jsonb not null,
  updated_at timestamp with time zone not null default clock_timestamp(),
  constraint recommendation_settings_pkey PRIMARY KEY (project_id, environment),
  constraint recommendation_settings_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.recommendation_settings owner to nunchi_owner;
alter table nunchi.recommendation_settings enable row level security, force row level security;
create policy owner on nunchi.recommendation_settings to nunchi_owner using (true) with check (true);

create table nunchi.result_metrics (
  id integer not null generated always as identity,
  project_id uuid not null,
  tracker integer not null,
  plan jsonb not null,
  parts integer[] not null,
  ready boolean not null default false,
  constraint result_metrics_tracker_plan_key UNIQUE (tracker, plan),
  constraint result_metrics_pkey PRIMARY KEY (id),
  constraint result_metrics_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint result_metrics_tracker_fkey FOREIGN KEY (tracker) REFERENCES nunchi.result_trackers(id) ON DELETE CASCADE
);
alter table nunchi.result_metrics owner to nunchi_owner;
alter table nunchi.result_metrics enable row level security, force row level security;
create policy owner on nunchi.result_metrics to nunchi_owner using (true) with check (true);

create table nunchi.result_sums (
  project_id uuid not null,
  tracker integer not null,
  metric integer not null,
  variant text not null,
  day date not null,
  units bigint not null,
  multiple bigint not null,
  faults bigint not null,
  y numeric not null,
  b numeric not null,
  x numeric not null,
  z numeric not null,
  yy numeric not null,
  yb numeric not null,
  yx numeric not null,
  yz numeric not null,
  bb numeric not null,
  bx numeric not null,
  bz numeric not null,
  xx numeric not null,
  xz numeric not null,
  zz numeric not null,
  constraint result_sums_pkey PRIMARY KEY (tracker, metric, variant, day),
  constraint result_sums_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint result_sums_tracker_fkey FOREIGN KEY (tracker) REFERENCES nunchi.result_trackers(id) ON DELETE CASCADE
);
alter table nunchi.result_sums owner to nunchi_owner;
alter table nunchi.result_sums enable row level security, force row level security;
create policy owner on nunchi.result_sums to nunchi_owner using (true) with check (true);

create table nunchi.result_touches (
  id bigint not null generated always as identity,
  project_id uuid not null,
  environment text not null,
  anonymous_id text,
  user_id text,
  unit text,
  who boolean not null,
  at timestamp with time zone not null default now(),
  due timestamp with time zone not null default '-infinity'::timestamp with time zone,
  constraint result_touches_pkey PRIMARY KEY (id),
  constraint result_touches_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.result_touches owner to nunchi_owner;
CREATE INDEX result_touches_due ON nunchi.result_touches USING btree (project_id, environment, due, id);
alter table nunchi.result_touches enable row level security, force row level security;
create policy owner on nunchi.result_touches to nunchi_owner using (true) with check (true);

create table nunchi.result_trackers (
  id integer not null generated always as identity,
  project_id uuid not null,
  environment text not null,
  experiment text not null,
  revision integer not null,
  until timestamp with time zone,
  first_at timestamp with time zone,
  listed boolean not null default false,
  built text default ''::text,
  constraint result_trackers_project_id_environment_experiment_revision_key UNIQUE (project_id, environment, experiment, revision),
  constraint result_trackers_pkey PRIMARY KEY (id),
  constraint result_trackers_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.result_trackers owner to nunchi_owner;
alter table nunchi.result_trackers enable row level security, force row level security;
create policy owner on nunchi.result_trackers to nunchi_owner using (true) with check (true);

create table nunchi.result_units (
  project_id uuid not null,
  tracker integer not null,
  unit text not null,
  attribute text not null,
  variant text not null,
  multiple boolean not null,
  assigned_at timestamp with time zone not null,
  event_id uuid not null,
  person text,
  head boolean not null,
  country text,
  device_class text,
  browser text,
  os text,
  faults bigint not null default 0,
  moments nunchi.result_moment[] not null default '{}'::nunchi.result_moment[],
  constraint result_units_pkey PRIMARY KEY (tracker, unit),
  constraint result_units_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint result_units_tracker_fkey FOREIGN KEY (tracker) REFERENCES nunchi.result_trackers(id) ON DELETE CASCADE
);
alter table nunchi.result_units owner to nunchi_owner;
CREATE INDEX result_units_assigned ON nunchi.result_units USING btree (tracker, assigned_at);
CREATE INDEX result_units_faults ON nunchi.result_units USING btree (tracker) WHERE (faults > 0);
CREATE INDEX result_units_person ON nunchi.result_units USING btree (project_id, person, tracker);
alter table nunchi.result_units enable row level security, force row level security;
create policy owner on nunchi.result_units to nunchi_owner using (true) with check (true);

create table nunchi.rollup_days (
  project_id uuid not null,
  environment text not null,
  day date not null,
  kind text not null,
  name text not null,
  shard smallint not null,
  events bigint not null,
  amount numeric not null,
  constraint rollup_days_pkey PRIMARY KEY (project_id, environment, day, kind, name, shard),
  constraint rollup_days_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.rollup_days owner to nunchi_owner;
alter table nunchi.rollup_days enable row level security, force row level security;
create policy owner on nunchi.rollup_days to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.rollup_days for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.rollup_days to nunchi_reader;

create table nunchi.rollup_minutes (
  project_id uuid not null,
  environment text not null,
  minute timestamp with time zone not null,
  kind text not null,
  name text not null,
  shard smallint not null,
  events bigint not null,
  amount numeric not null,
  constraint rollup_minutes_pkey PRIMARY KEY (project_id, environment, minute, kind, name, shard),
  constraint rollup_minutes_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.rollup_minutes owner to nunchi_owner;
alter table nunchi.rollup_minutes enable row level security, force row level security;
create policy owner on nunchi.rollup_minutes to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.rollup_minutes for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.rollup_minutes to nunchi_reader;

create table nunchi.schema_migrations (
  version integer not null,
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migrations_pkey PRIMARY KEY (version)
);
alter table nunchi.schema_migrations owner to nunchi_owner;
alter table nunchi.schema_migrations enable row level security, force row level security;
create policy owner on nunchi.schema_migrations to nunchi_owner using (true) with check (true);

create table nunchi.sdk_drops (
  project_id uuid not null,
  day date not null,
  reason text not null,
  events bigint not null,
  constraint sdk_drops_pkey PRIMARY KEY (project_id, day, reason),
  constraint sdk_drops_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.sdk_drops owner to nunchi_owner;
alter table nunchi.sdk_drops enable row level security, force row level security;
create policy owner on nunchi.sdk_drops to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.sdk_drops for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.sdk_drops to nunchi_reader;

create table nunchi.sessions (
  project_id uuid not null,
  session_id text not null,
  environment text not null,
  anonymous_id text,
  user_id text,
  user_at timestamp with time zone,
  user_event_id uuid,
  started_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  events bigint not null,
  pages bigint not null,
  conversions bigint not null,
  entry_at timestamp with time zone,
  first_event_id uuid,
  entry_url text,
  referrer text,
  country text,
  device_class text,
  browser text,
  os text,
  exit_at timestamp with time zone,
  last_event_id uuid,
  exit_url text,
  campaign_at timestamp with time zone,
  campaign_event_id uuid,
  campaign jsonb,
  constraint sessions_pkey PRIMARY KEY (project_id, session_id),
  constraint sessions_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE
);
alter table nunchi.sessions owner to nunchi_owner;
CREATE INDEX sessions_started ON nunchi.sessions USING btree (project_id, environment, started_at);
CREATE INDEX sessions_user ON nunchi.sessions USING btree (project_id, user_id) WHERE (user_id IS NOT NULL);
CREATE INDEX sessions_visitor ON nunchi.sessions USING btree (project_id, anonymous_id);
alter table nunchi.sessions enable row level security, force row level security;
create policy owner on nunchi.sessions to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.sessions for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.sessions to nunchi_reader;

create table nunchi.token_verifiers (
  project_id uuid not null,
  environment text not null,
  name text not null,
  kind text not null,
  issuer text not null,
  audience text not null,
  algorithm text not null,
  subject_claim text not null default 'sub'::text,
  secret text,
  key jsonb,
  url text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  retires_at timestamp with time zone,
  constraint token_verifiers_pkey PRIMARY KEY (project_id, environment, name),
  constraint token_verifiers_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint token_verifiers_algorithm_check CHECK ((algorithm = ANY (ARRAY['HS256'::text, 'ES256'::text, 'RS256'::text, 'EdDSA'::text]))),
  constraint token_verifiers_audience_check CHECK ((audience <> ''::text)),
  constraint token_verifiers_check CHECK ((((kind = 'secret'::text) = (secret IS NOT NULL)) AND ((kind = 'key'::text) = (key IS NOT NULL)) AND ((kind = 'jwks'::text) = (url IS NOT NULL)))),
  constraint token_verifiers_check1 CHECK (((kind = 'secret'::text) = (algorithm = 'HS256'::text))),
  constraint token_verifiers_environment_check CHECK ((environment = ANY (ARRAY['development'::text, 'staging'::text, 'production'::text]))),
  constraint token_verifiers_issuer_check CHECK ((issuer <> ''::text)),
  constraint token_verifiers_kind_check CHECK ((kind = ANY (ARRAY['secret'::text, 'key'::text, 'jwks'::text]))),
  constraint token_verifiers_name_check CHECK ((name ~ '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$'::text)),
  constraint token_verifiers_subject_claim_check CHECK ((subject_claim <> ''::text))
);
alter table nunchi.token_verifiers owner to nunchi_owner;
alter table nunchi.token_verifiers enable row level security, force row level security;
create policy owner on nunchi.token_verifiers to nunchi_owner using (true) with check (true);

create table nunchi.traits (
  project_id uuid not null,
  kind text not null,
  subject text not null,
  key text not null,
  value jsonb not null,
  set_at timestamp with time zone not null,
  event_id uuid not null,
  constraint traits_pkey PRIMARY KEY (project_id, kind, subject, key),
  constraint traits_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint traits_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'group'::text])))
);
alter table nunchi.traits owner to nunchi_owner;
alter table nunchi.traits enable row level security, force row level security;
create policy owner on nunchi.traits to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.traits for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.traits to nunchi_reader;

create table nunchi.user_preferences (
  project_id uuid not null,
  environment text not null,
  actor text not null,
  by_user boolean not null,
  preference_type text not null,
  preference_value text not null,
  confidence_score real not null,
  updated_at timestamp with time zone not null,
  constraint user_preferences_pkey PRIMARY KEY (project_id, environment, actor, by_user, preference_type, preference_value),
  constraint user_preferences_project_id_fkey FOREIGN KEY (project_id) REFERENCES nunchi.projects(id) ON DELETE CASCADE,
  constraint user_preferences_confidence_score_check CHECK (((confidence_score >= (0)::double precision) AND (confidence_score <= (1)::double precision)))
);
alter table nunchi.user_preferences owner to nunchi_owner;
alter table nunchi.user_preferences enable row level security, force row level security;
create policy owner on nunchi.user_preferences to nunchi_owner using (true) with check (true);
create policy reader_reads on nunchi.user_preferences for select to nunchi_reader using ((project_id = ANY (ARRAY( SELECT nunchi.reader_projects() AS reader_projects))));
grant select on nunchi.user_preferences to nunchi_reader;

create view nunchi_data.aliases with (security_invoker=true) (
  project_id uuid,
  previous_id text,
  person_id text,
  linked_at timestamp with time zone
);
grant select on nunchi_data.aliases to nunchi_reader;

create view nunchi_data.all_events with (security_invoker=true) (
  project_id uuid,
  environment text,
  id uuid,
  occurred_at timestamp with time zone,
  type text,
  name text,
  person_id text,
  user_id text,
  anonymous_id text,
  session_id text,
  group_id text,
  page_url text,
  page_host text,
  page_path text,
  page_title text,
  referrer text,
  referrer_host text,
  country text,
  device_class text,
  browser text,
  os text,
  locale text,
  timezone text,
  properties jsonb,
  user_context jsonb,
  experiment_context jsonb,
  personalization_context jsonb,
  context jsonb,
  bot boolean,
  internal boolean,
  clock_suspect boolean,
  received_at timestamp with time zone,
  sent_time timestamp with time zone,
  skew_ms bigint,
  tab text,
  seq bigint,
  sdk text,
  key_id integer
);
grant select on nunchi_data.all_events to nunchi_reader;

create view nunchi_data.conversions with (security_invoker=true) (
  project_id uuid,
  environment text,
  id uuid,
  occurred_at timestamp with time zone,
  conversion text,
  event_name text,
  person_id text,
  user_id text,
  anonymous_id text,
  session_id text,
  page_url text,
  page_path text,
  country text,
  device_class text,
  browser text,
  os text,
  properties jsonb,
  clock_suspect boolean
);
grant select on nunchi_data.conversions to nunchi_reader;

create view nunchi_data.days with (security_invoker=true) (
  project_id uuid,
  environment text,
  day date,
  kind text,
  name text,
  events bigint,
  amount numeric
);
grant select on nunchi_data.days to nunchi_reader;

create view nunchi_data.drops with (security_invoker=true) (
  project_id uuid,
  day date,
  reason text,
  events bigint
);
grant select on nunchi_data.drops to nunchi_reader;

create view nunchi_data.events with (security_invoker=true) (
  project_id uuid,
  environment text,
  id uuid,
  occurred_at timestamp with time zone,
  type text,
  name text,
  person_id text,
  user_id text,
  anonymous_id text,
  session_id text,
  group_id text,
  page_url text,
  page_host text,
  page_path text,
  page_title text,
  referrer text,
  referrer_host text,
  country text,
  device_class text,
  browser text,
  os text,
  locale text,
  timezone text,
  properties jsonb,
  user_context jsonb,
  experiment_context jsonb,
  personalization_context jsonb,
  context jsonb,
  bot boolean,
  internal boolean,
  clock_suspect boolean,
  received_at timestamp with time zone,
  sent_time timestamp with time zone,
  skew_ms bigint,
  tab text,
  seq bigint,
  sdk text,
  key_id integer
);
grant select on nunchi_data.events to nunchi_reader;

create view nunchi_data.features with (security_invoker=true) (
  project_id uuid,
  environment text,
  id uuid,
  occurred_at timestamp with time zone,
  feature text,
  event_name text,
  person_id text,
  user_id text,
  anonymous_id text,
  session_id text,
  page_path text,
  properties jsonb,
  clock_suspect boolean
);
grant select on nunchi_data.features to nunchi_reader;

create view nunchi_data.identities with (security_invoker=true) (
  project_id uuid,
  anonymous_id text,
  person_id text,
  linked_at timestamp with time zone
);
grant select on nunchi_data.identities to nunchi_reader;

create view nunchi_data.interactions with (security_invoker=true) (
  project_id uuid,
  environment text,
  person_id text,
  user_id text,
  anonymous_id text,
  item_id text,
  kinds jsonb,
  weight numeric,
  first_at timestamp with time zone,
  last_at timestamp with time zone,
  dismissed_at timestamp with time zone,
  country text,
  device_class text
);
grant select on nunchi_data.interactions to nunchi_reader;

create view nunchi_data.items with (security_invoker=true) (
  project_id uuid,
  environment text,
  item_id text,
  item_type text,
  title text,
  url text,
  image text,
  tags text[],
  attributes jsonb,
  available boolean,
  created_at timestamp with time zone,
  updated_at timestamp with time zone,
  deleted_at timestamp with time zone
);
grant select on nunchi_data.items to nunchi_reader;

create view nunchi_data.minutes with (security_invoker=true) (
  project_id uuid,
  environment text,
  minute timestamp with time zone,
  kind text,
  name text,
  events bigint,
  amount numeric
);
grant select on nunchi_data.minutes to nunchi_reader;

create view nunchi_data.pages with (security_invoker=true) (
  project_id uuid,
  environment text,
  id uuid,
  occurred_at timestamp with time zone,
  person_id text,
  anonymous_id text,
  session_id text,
  page_url text,
  page_host text,
  page_path text,
  page_title text,
  referrer text,
  referrer_host text,
  previous_url text,
  campaign_source text,
  campaign_medium text,
  campaign_name text,
  campaign_term text,
  campaign_content text,
  country text,
  device_class text,
  browser text,
  os text,
  locale text,
  properties jsonb,
  clock_suspect boolean
);
grant select on nunchi_data.pages to nunchi_reader;

create view nunchi_data.people with (security_invoker=true) (
  project_id uuid,
  person_id text,
  identified boolean,
  identified_at timestamp with time zone,
  first_seen_at timestamp with time zone,
  last_seen_at timestamp with time zone,
  first_day date,
  last_day date,
  days bigint,
  sessions bigint,
  events bigint,
  pages bigint,
  conversions bigint,
  anonymous_ids text[],
  environments text[],
  traits jsonb
);
grant select on nunchi_data.people to nunchi_reader;

create view nunchi_data.preferences with (security_invoker=true) (
  project_id uuid,
  environment text,
  person_id text,
  user_id text,
  anonymous_id text,
  preference_type text,
  preference_value text,
  confidence_score real,
  updated_at timestamp with time zone
);
grant select on nunchi_data.preferences to nunchi_reader;

create view nunchi_data.projects with (security_invoker=true) (
  project_id uuid,
  name text,
  timezone text,
  created_at timestamp with time zone
);
grant select on nunchi_data.projects to nunchi_reader;

create view nunchi_data.quality with (security_invoker=true) (
  project_id uuid,
  environment text,
  day date,
  events bigint,
  bots bigint,
  internal bigint,
  late bigint,
  skewed bigint,
  clock_suspect bigint
);
grant select on nunchi_data.quality to nunchi_reader;

create view nunchi_data.recommendation_days with (security_invoker=true) (
  project_id uuid,
  environment text,
  day date,
  list text,
  item_id text,
  impressions bigint,
  clicks bigint
);
grant select on nunchi_data.recommendation_days to nunchi_reader;

create view nunchi_data.rejects with (security_invoker=true) (
  project_id uuid,
  received_at timestamp with time zone,
  code text,
  detail text,
  event_id text,
  event text,
  batch text,
  index integer,
  key_id integer
);
grant select on nunchi_data.rejects to nunchi_reader;

create view nunchi_data.revenue with (security_invoker=true) (
  project_id uuid,
  environment text,
  id uuid,
  occurred_at timestamp with time zone,
  amount numeric,
  currency text,
  event_name text,
  person_id text,
  user_id text,
  anonymous_id text,
  session_id text,
  page_path text,
  country text,
  device_class text,
  properties jsonb,
  clock_suspect boolean
);
grant select on nunchi_data.revenue to nunchi_reader;

create view nunchi_data.sessions with (security_invoker=true) (
  project_id uuid,
  environment text,
  session_id text,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  seconds double precision,
  person_id text,
  user_id text,
  anonymous_id text,
  events bigint,
  pages bigint,
  conversions bigint,
  bounced boolean,
  entry_url text,
  entry_path text,
  exit_url text,
  exit_path text,
  referrer text,
  referrer_host text,
  campaign_source text,
  campaign_medium text,
  campaign_name text,
  campaign_term text,
  campaign_content text,
  country text,
  device_class text,
  browser text,
  os text
);
grant select on nunchi_data.sessions to nunchi_reader;

create view nunchi_data.vitals with (security_invoker=true) (
  project_id uuid,
  environment text,
  id uuid,
  occurred_at timestamp with time zone,
  metric text,
  value numeric,
  rating text,
  navigation_type text,
  metric_id text,
  person_id text,
  anonymous_id text,
  session_id text,
  page_url text,
  page_host text,
  page_path text,
  country text,
  device_class text,
  browser text,
  os text,
  clock_suspect boolean
);
grant select on nunchi_data.vitals to nunchi_reader;

create type nunchi.actor as (
  id text,
  by_user boolean
);

create type nunchi.candidate as (
  type text,
  id text,
  score double precision,
  near double precision,
  popular double precision,
  known double precision,
  seed text,
  source text,
  part double precision,
  fresh boolean,
  title text,
  url text,
  image text,
  tags text[],
  attributes jsonb
);

create type nunchi.fact as (
  project_id uuid,
  id uuid,
  environment text,
  type text,
  name text,
  occurred_at timestamp with time zone,
  day date,
  anonymous_id text,
  user_id text,
  session_id text,
  group_id text,
  previous_id text,
  counted boolean,
  page_url text,
  referrer text,
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
  vital text,
  vital_value numeric,
  traits jsonb
);

create type nunchi.result_moment as (
  metric integer,
  day date,
  y numeric,
  b numeric,
  x numeric,
  z numeric,
  faults bigint,
  fault text
);

-- nunchi.activity_steps(said nunchi.interactions[]) returns integer[]: sql stable security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.actors_of(project uuid, person text) returns nunchi.actor[]: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.alias_map(project uuid) returns TABLE(previous_id text, person text): sql stable security invoker, set search_path="", jit=off, enable_nestloop=off; executed by its owner
-- nunchi.as_member(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.attribute_at(attributes jsonb, path text) returns jsonb: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.audit(project uuid, actor text, action text, subject text, before jsonb, after jsonb) returns void: sql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.audit_log_is_append_only() returns trigger: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.breakdown(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.breakdown_of(project uuid, env text, since timestamp with time zone, until timestamp with time zone, counted text, most integer) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.bucket(version integer, seed text, value text) returns integer: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.catalog_types(project uuid, env text) returns text[]: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.choose_items(project uuid, env text, given nunchi.candidate[], list text, most integer, visitor text, said jsonb) returns jsonb: plpgsql stable security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.choose_variant(experiment jsonb, bucket integer) returns integer: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.claim_ramps(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.config(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.config_definition(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.config_definition_by_key(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.config_history(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.config_history_by_key(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.config_key(key_hash text, wanted text[]) returns jsonb: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.config_of_version(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.config_states(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.context_items(project uuid, env text, context jsonb) returns text[]: sql stable security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.control_position(experiment jsonb) returns integer: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.conversions_of(project uuid, env text, experiment text, revision integer) returns TABLE(event_id uuid, metric text, value numeric, step text, occurred_at timestamp with time zone, unit text, variant text, assigned_at timestamp with time zone, multiple boolean): sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.create_key(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.create_project(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.decide_ramp(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.delete_items(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.delete_items_of(args jsonb) returns jsonb: sql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.diverse_order(given nunchi.candidate[], most integer, diversity double precision) returns integer[]: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.doctor(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.drop_partition(name text, at timestamp with time zone) returns text[]: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.erase_derived(run nunchi.erasure_runs) returns nunchi.erasure_runs: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.erase_events(run nunchi.erasure_runs, size integer) returns nunchi.erasure_runs: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.erase_person(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.evaluate_experiment(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by its owner
-- nunchi.experiment_conversions_in(facts nunchi.fact[]) returns TABLE(project_id uuid, environment text, id uuid, occurred_at timestamp with time zone, day date, anonymous_id text, user_id text, metric text, value numeric, step text, whole boolean): sql stable security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.experiment_rows(project uuid) returns TABLE(area text, place text[], fact jsonb, at timestamp with time zone, event uuid): sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.experiment_unsupported(experiment jsonb) returns text: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.export_person(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.exposures_in(facts nunchi.fact[]) returns TABLE(project_id uuid, environment text, id uuid, occurred_at timestamp with time zone, day date, anonymous_id text, user_id text, experiment text, revision integer, unit text, attribute text, variant text, config_version text, rule text, fault text): sql stable security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.find_crowds(project uuid, env text, said jsonb) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.find_event(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.find_key(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.finish_training(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", enable_seqscan=off, jit=off; executed by nunchi_app
-- nunchi.fnv1a(value text) returns bigint: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.forget_answers(facts nunchi.fact[]) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.forget_item(project uuid, env text, subject text) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.funnel_reached(steps integer[]) returns integer: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.hash_v1(seed text, value text) returns integer: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.hash_v2(seed text, value text) returns integer: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.health(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.highest_revisions(earlier jsonb, definition jsonb) returns jsonb: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.host_of(url text) returns text: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.id_hash(project uuid, id text) returns text: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.ids_in(event text) returns text[]: plpgsql stable security invoker, set search_path=""; executed by its owner
-- nunchi.import_advance(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.import_start(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.in_namespaces(namespaces jsonb, attributes jsonb, hashed text) returns text: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.in_ranges(bucket integer, ranges jsonb) returns integer: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.ingest(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.ingest_answers(batches jsonb, owners uuid[], projects uuid[], ids uuid[], refused jsonb) returns jsonb: sql stable security definer, set search_path=""; executed by its owner
-- nunchi.ingest_notes(batches jsonb, owners uuid[], answers jsonb) returns void: plpgsql volatile security definer, set search_path=""; executed by its owner
-- nunchi.ingest_overflow(INOUT projects uuid[], INOUT ids uuid[], OUT refused jsonb) returns record: plpgsql volatile security definer, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.insight_begin(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.insight_end(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.insight_recommendation(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.insight_usage_today(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.interactions_in(facts nunchi.fact[]) returns SETOF nunchi.interactions: sql stable security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.item_ids_in(properties jsonb) returns text[]: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.item_mistake(item jsonb) returns jsonb: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.item_words(item jsonb) returns text[]: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.items_changed(project uuid, env text, changed text[]) returns void: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.items_page(project uuid, env text, args jsonb) returns jsonb: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.json_number(value jsonb) returns double precision: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.keep_answer(project uuid, env text, question text, keeper text, as_user boolean, given jsonb, seconds integer) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.keep_explained(project uuid, env text, keeper text, as_user boolean, lists jsonb) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.lift_erasure(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.list_dead(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.list_items(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.list_items_of(args jsonb) returns jsonb: sql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.list_keys(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.list_metrics(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.list_metrics_by_key(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.list_projects(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.list_ramps(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.list_readers(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.list_token_verifiers(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.make_months(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", TimeZone=UTC, jit=off; executed by its owner
-- nunchi.make_partition(month timestamp with time zone) returns bigint: plpgsql volatile security definer, set search_path="", TimeZone=UTC; executed by its owner
-- nunchi.make_partitions(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", TimeZone=UTC, jit=off; executed by nunchi_app
-- nunchi.mark_crowd(project uuid, env text, subject text, said jsonb) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.match(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.match_alike(one nunchi.items, other nunchi.items, OUT score real, OUT reasons jsonb) returns record: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.match_between(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.match_fits(one nunchi.items, other nunchi.items) returns boolean: plpgsql stable security invoker, set search_path=""; executed by its owner
-- nunchi.match_grounds(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.match_key(key_hash text, scope text) returns TABLE(project_id uuid, environment text, refused boolean): sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.match_opinions(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.match_pairs(project uuid, env text, person text, list text, past real, past_id text, most integer, only_id text DEFAULT NULL::text) returns TABLE(other nunchi.items, score real, reasons jsonb): plpgsql stable security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.match_people(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.match_profile(person nunchi.items) returns jsonb: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.match_stands(project uuid, env text, person text, subject text) returns boolean: sql stable security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.match_tell(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.matches_condition(condition jsonb, attributes jsonb) returns boolean: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.matches_value(asked jsonb, value jsonb) returns boolean: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.member_projects(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by nunchi_member
-- nunchi.merge_interaction(a nunchi.interactions, b nunchi.interactions) returns nunchi.interactions: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.metric_events(project uuid, env text, part jsonb, since timestamp with time zone, until timestamp with time zone) returns TABLE(event_id uuid, occurred_at timestamp with time zone, anonymous_id text, user_id text, amount numeric, fault text): plpgsql stable security invoker, set search_path="", jit=off, enable_seqscan=off; executed by its owner
-- nunchi.metric_plan(definition jsonb) returns jsonb: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.metric_units(project uuid, env text, experiment text, revision integer, plan jsonb, starts interval, lasts interval, before interval, ends timestamp with time zone) returns TABLE(unit text, variant text, assigned_at timestamp with time zone, multiple boolean, a numeric, b numeric, xa numeric, xb numeric, faults bigint, fault text): plpgsql stable security invoker, set search_path="", jit=off, enable_nestloop=off; executed by its owner
-- nunchi.murmur3(value text) returns bigint: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.my_projects() returns SETOF uuid: sql stable security definer, set search_path=""; executed by nunchi_member
-- nunchi.neighbors_of(project uuid, env text, ids text[]) returns jsonb: plpgsql stable security invoker, set search_path="", enable_seqscan=off, enable_hashjoin=off, plan_cache_mode=force_generic_plan; executed by its owner
-- nunchi.network_of(ip text) returns text: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.note_quality(projects uuid[], ids uuid[], worker smallint) returns void: sql volatile security invoker, set search_path="", enable_hashjoin=off, enable_mergejoin=off, enable_seqscan=off, jit=off; executed by its owner
-- nunchi.overview(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.overview_close(args jsonb) returns jsonb: sql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.overview_counts(project uuid, env text, zone text, since date, until date) returns jsonb: plpgsql stable security invoker, set search_path="", jit=off, plan_cache_mode=force_custom_plan; executed by its owner
-- nunchi.overview_minutes(project uuid, env text) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.overview_open(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.overview_people(project uuid, env text, earlier date, since date, until date) returns bigint[]: plpgsql stable security invoker, set search_path="", jit=off, plan_cache_mode=force_custom_plan, enable_mergejoin=off, work_mem=64MB; executed by its owner
-- nunchi.overview_quality(quality jsonb) returns jsonb: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.overview_top(project uuid, env text, since date, until date) returns jsonb: plpgsql stable security invoker, set search_path="", jit=off, plan_cache_mode=force_custom_plan, work_mem=64MB; executed by its owner
-- nunchi.overview_vitals(project uuid, env text, since date) returns jsonb: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.partition_name(month timestamp with time zone) returns text: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.person_ids(project uuid, id text) returns text[]: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.person_of(project uuid, user_id text, anonymous_id text) returns text: plpgsql stable security invoker, set search_path=""; executed by its owner
-- nunchi.person_tables() returns TABLE(name text, own text, shared text, sort text): sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.prepare_results(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.process(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.process_counts(facts nunchi.fact[], worker smallint) returns void: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.process_experiments(facts nunchi.fact[], worker smallint) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.process_facts(projects uuid[], ids uuid[]) returns nunchi.fact[]: sql stable security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.process_failed(queued bigint, reason text) returns boolean: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.process_interactions(facts nunchi.fact[], worker smallint) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.process_metrics(facts nunchi.fact[]) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.process_people(facts nunchi.fact[]) returns void: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.process_recommendations(facts nunchi.fact[], worker smallint) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.process_rows(rows bigint[], worker smallint) returns integer: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.process_sessions(facts nunchi.fact[]) returns void: sql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.process_share(claimed bigint[], room integer) returns integer: sql volatile security invoker, set search_path="", enable_seqscan=off, jit=off; executed by its owner
-- nunchi.project_config(project uuid, env text, whole jsonb) returns void: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.prune(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.publish_config(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.publish_config_by_key(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.put_items(project uuid, env text, given jsonb) returns jsonb: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.quality(args jsonb) returns jsonb: plpgsql stable security invoker, set search_path="", TimeZone=UTC, jit=off; executed by its owner
-- nunchi.queue_state(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.ramp_ground(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.ramp_summary(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.ramp_told(wanted uuid) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.ramp_units(one nunchi.ramps, plan jsonb, ends timestamp with time zone) returns TABLE(variant text, multiple boolean, assigned_at timestamp with time zone, y numeric, b numeric, faults bigint, fault text): plpgsql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.raw_events(project uuid, since timestamp with time zone, until timestamp with time zone) returns TABLE(id uuid, environment text, type text, name text, occurred_at timestamp with time zone, day date, minute timestamp with time zone, anonymous_id text, user_id text, session_id text, group_id text, previous_id text, counted boolean, page_url text, page_referrer text, properties jsonb, context jsonb, conversion text, feature text, currency text, amount numeric): plpgsql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.read_ramp(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.read_ramp_by_key(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.reader_projects() returns SETOF uuid: sql stable security definer, set search_path=""; executed by nunchi_reader
-- nunchi.recent_events(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.recommend(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.recommend_candidates(project uuid, env text, types text[], list text, actors nunchi.actor[], context text[], excluded text[], again boolean, segments text[], most integer, said jsonb) returns SETOF nunchi.candidate: plpgsql stable security invoker, set search_path="", enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, plan_cache_mode=force_generic_plan; executed by its owner
-- nunchi.recommend_for(args jsonb) returns jsonb: sql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.recommendation_defaults() returns jsonb: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.recommendation_settings_by_key(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.recommendation_settings_in(project uuid, env text) returns jsonb: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.recommendation_settings_of(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.recommendations_of(project uuid, env text, ask jsonb) returns jsonb: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.recount(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.recount_counts(project uuid, since timestamp with time zone, until timestamp with time zone) returns TABLE(grain text, environment text, bucket text, kind text, name text, events bigint, amount numeric): sql stable security invoker, set search_path="", TimeZone=UTC, jit=off; executed by its owner
-- nunchi.recount_differences(project uuid, since timestamp with time zone, until timestamp with time zone) returns TABLE(area text, place text, expected text, found text): plpgsql volatile security invoker, set search_path="", TimeZone=UTC, jit=off; executed by its owner
-- nunchi.recount_experiments(project uuid, since timestamp with time zone) returns TABLE(area text, place text[], fact jsonb, at timestamp with time zone, event uuid, day date): sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.recount_people(project uuid, since timestamp with time zone, until timestamp with time zone) returns TABLE(area text, place text[], fact jsonb, at timestamp with time zone, event uuid): sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.recount_repair(project uuid, since timestamp with time zone, until timestamp with time zone) returns void: plpgsql volatile security invoker, set search_path="", TimeZone=UTC, jit=off; executed by its owner
-- nunchi.recount_results(project uuid) returns TABLE(area text, place text[], expected text, found text): plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.recount_sessions(project uuid, since timestamp with time zone, until timestamp with time zone) returns SETOF nunchi.sessions: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.recount_visitors(project uuid, since timestamp with time zone, until timestamp with time zone) returns TABLE(grain text, environment text, bucket text, anonymous_id text, user_id text): sql stable security invoker, set search_path="", TimeZone=UTC, jit=off; executed by its owner
-- nunchi.refresh_actor(project uuid, env text, who text, as_user boolean, said jsonb) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.refresh_content(project uuid, env text, subject text) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.refresh_item(project uuid, env text, subject text, said jsonb) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.refresh_popularity(project uuid, env text, subject text, said jsonb) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.refresh_recommendations(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.refuse_config(args jsonb) returns jsonb: sql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.refuse_config_by_key(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.remove_event(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.remove_items(project uuid, env text, ids jsonb) returns jsonb: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.remove_token_verifier(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.replay_dead(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.replay_exposures(args jsonb) returns jsonb: plpgsql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.replay_units(args jsonb) returns jsonb: plpgsql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.result_advance(project uuid, env text, size integer) returns integer: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.result_as_of(project uuid, env text) returns bigint: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.result_build(project uuid, size integer) returns boolean: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.result_current(project uuid, env text, most integer DEFAULT NULL::integer) returns boolean: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.result_exposed(tracked nunchi.result_trackers, ids text[], units text[]) returns text[]: plpgsql volatile security invoker, set search_path="", jit=off, enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off; executed by its owner
-- nunchi.result_fact_touched() returns trigger: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.result_facts(project uuid, env text, parts integer[], low uuid, high uuid, since timestamp with time zone, until timestamp with time zone) returns TABLE(part integer, event_id uuid, occurred_at timestamp with time zone, anonymous_id text, user_id text, amount numeric, fault text): plpgsql stable security invoker, set search_path="", jit=off, enable_seqscan=off; executed by its owner
-- nunchi.result_fill(project uuid, span interval) returns boolean: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.result_list(tracked nunchi.result_trackers, size integer) returns text: plpgsql volatile security invoker, set search_path="", jit=off, enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off, work_mem=64MB; executed by its owner
-- nunchi.result_moments(tracked nunchi.result_trackers, units text[], at timestamp with time zone) returns TABLE(unit text, moments nunchi.result_moment[], faults bigint): plpgsql stable security invoker, set search_path="", jit=off, enable_nestloop=off, enable_hashjoin=on, enable_mergejoin=on, enable_seqscan=on, work_mem=64MB; executed by its owner
-- nunchi.result_owned(tracked nunchi.result_trackers, units text[]) returns TABLE(unit text, part integer, event_id uuid, occurred_at timestamp with time zone, amount numeric, fault text): plpgsql stable security invoker, set search_path="", jit=off, enable_seqscan=off, enable_nestloop=off, enable_hashjoin=on, enable_mergejoin=on, work_mem=64MB; executed by its owner
-- nunchi.result_owners(tracked nunchi.result_trackers, visitors text[], users text[]) returns text[]: sql stable security invoker, set search_path="", jit=off, enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off; executed by its owner
-- nunchi.result_prepare(project uuid) returns boolean: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.result_refresh(tracked nunchi.result_trackers, units text[], at timestamp with time zone) returns void: sql volatile security invoker, set search_path="", jit=off, enable_seqscan=off, enable_hashjoin=off, enable_mergejoin=off; executed by its owner
-- nunchi.result_summed() returns trigger: plpgsql volatile security invoker, set search_path="", jit=off, work_mem=64MB; executed by its owner
-- nunchi.result_sums_of(tracked nunchi.result_trackers, metric nunchi.result_metrics, by_day boolean, ends timestamp with time zone) returns TABLE(day date, variant text, units bigint, multiple bigint, faults bigint, sums numeric[]): plpgsql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.result_touched() returns trigger: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.result_units_of(tracked nunchi.result_trackers, metric nunchi.result_metrics, dimension text, trait text, ends timestamp with time zone) returns TABLE(place bigint, value text, other boolean, variant text, units bigint, multiple bigint, faults bigint, fault text, sums numeric[], around jsonb): plpgsql stable security invoker, set search_path="", jit=off, enable_nestloop=off, enable_memoize=off; executed by its owner
-- nunchi.result_until(project uuid) returns void: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.result_variant(variant text, units bigint, multiple bigint, sums numeric[], around jsonb) returns jsonb: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.results_frame(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.results_frame_by_key(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.retain(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", TimeZone=UTC, jit=off; executed by nunchi_app
-- nunchi.retain_months(at timestamp with time zone) returns TABLE(name text): plpgsql stable security invoker, set search_path="", TimeZone=UTC; executed by its owner
-- nunchi.retain_rows(project uuid, horizon timestamp with time zone, at timestamp with time zone, room integer) returns TABLE(name text, gone bigint): plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.revoke_key(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.rule_holds(rule jsonb, list text, type text) returns boolean: sql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.ruled_candidates(given nunchi.candidate[], list text, rules jsonb) returns nunchi.candidate[]: plpgsql stable security invoker, set search_path=""; executed by its owner
-- nunchi.same_value(one jsonb, other jsonb) returns boolean: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.set_items(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.set_items_of(args jsonb) returns jsonb: sql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.set_member(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.set_metric(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.set_metric_by_key(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.set_ramp_state(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.set_ramp_state_by_key(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.set_reader(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.set_recommendation_settings_by_key(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.set_recommendation_settings_of(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.set_retention(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.set_token_verifier(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.start_ramp(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.start_ramp_by_key(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.summarize(args jsonb) returns jsonb: plpgsql volatile security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.summarize_by_key(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.summarize_kept(args jsonb) returns jsonb: plpgsql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.summarize_raw(args jsonb) returns jsonb: plpgsql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.token_verifier_shown(one jsonb) returns jsonb: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.token_verifiers(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.token_verifiers_in(project uuid, env text) returns jsonb: sql stable security invoker, set search_path=""; executed by its owner
-- nunchi.token_verifiers_of(args jsonb) returns jsonb: sql stable security invoker, set search_path="", jit=off; executed by its owner
-- nunchi.training_catalogs(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.training_interactions(args jsonb) returns jsonb: sql stable security definer, set search_path="", enable_seqscan=off, enable_hashjoin=off, jit=off; executed by nunchi_app
-- nunchi.training_items(args jsonb) returns jsonb: sql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.unit_of(attributes jsonb, attribute text) returns text: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.usage(args jsonb) returns jsonb: plpgsql stable security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.usage_of(project uuid, env text, since timestamp with time zone, until timestamp with time zone, unit text) returns jsonb: plpgsql stable security invoker, set search_path="", jit=off, plan_cache_mode=force_custom_plan, enable_mergejoin=off, work_mem=64MB; executed by its owner
-- nunchi.uuid_floor(at timestamp with time zone) returns uuid: sql immutable security invoker, set search_path=""; executed by nunchi_reader
-- nunchi.variant_position(experiment jsonb, variant text) returns integer: plpgsql immutable security invoker, set search_path=""; executed by its owner
-- nunchi.wait_for_writers(relation regclass, patience interval) returns boolean: plpgsql volatile security invoker, set search_path=""; executed by its owner
-- nunchi.why_empty(project uuid, env text, kind text, list text, actors nunchi.actor[], again boolean, said jsonb) returns text: sql stable security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.write_matches(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", jit=off; executed by nunchi_app
-- nunchi.write_near(project uuid, env text, subject text, origin text, others text[], likeness double precision[], behind double precision[], takes boolean[], at bigint) returns void: plpgsql volatile security invoker, set search_path="", enable_seqscan=off; executed by its owner
-- nunchi.write_neighbors(args jsonb) returns jsonb: plpgsql volatile security definer, set search_path="", enable_seqscan=off, enable_hashjoin=off, jit=off; executed by nunchi_app
-- nunchi_data.alias_end(project uuid, id text) returns text: sql stable security invoker, its names resolved once; executed by nunchi_reader
-- nunchi_data.all_events_between(project uuid, since timestamp with time zone, until timestamp with time zone) returns SETOF nunchi_data.all_events: sql stable security invoker, its names resolved once; executed by nunchi_reader
-- nunchi_data.conversions_between(project uuid, since timestamp with time zone, until timestamp with time zone) returns SETOF nunchi_data.conversions: sql stable security invoker, its names resolved once; executed by nunchi_reader
-- nunchi_data.events_between(project uuid, since timestamp with time zone, until timestamp with time zone) returns SETOF nunchi_data.events: sql stable security invoker, its names resolved once; executed by nunchi_reader
-- nunchi_data.features_between(project uuid, since timestamp with time zone, until timestamp with time zone) returns SETOF nunchi_data.features: sql stable security invoker, its names resolved once; executed by nunchi_reader
-- nunchi_data.pages_between(project uuid, since timestamp with time zone, until timestamp with time zone) returns SETOF nunchi_data.pages: sql stable security invoker, its names resolved once; executed by nunchi_reader
-- nunchi_data.revenue_between(project uuid, since timestamp with time zone, until timestamp with time zone) returns SETOF nunchi_data.revenue: sql stable security invoker, its names resolved once; executed by nunchi_reader
-- nunchi_data.vitals_between(project uuid, since timestamp with time zone, until timestamp with time zone) returns SETOF nunchi_data.vitals: sql stable security invoker, its names resolved once; executed by nunchi_reader
