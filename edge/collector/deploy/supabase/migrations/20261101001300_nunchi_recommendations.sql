-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- Recommendations: the catalog, who had to do with what, and what is computed from both.

create table nunchi.items (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  id text not null,
  type text not null,
  title text not null,
  url text,
  image text,
  tags text[] not null,
  -- Read for words, never answered.
  text text,
  attributes jsonb not null,
  available boolean not null,
  -- Of all that was said of it: the same item again changes nothing.
  hash text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  deleted_at timestamptz,
  primary key (project_id, environment, id)
);
create index items_new on nunchi.items (project_id, environment, type, created_at desc, id)
  where deleted_at is null and available;
-- By the page that it is shown on.
create index items_url on nunchi.items (project_id, environment, url) where deleted_at is null;
create index items_type on nunchi.items (project_id, environment, type, id) where deleted_at is null;

-- What an item has in common with others: its tags and words, the word of a tag being tag:WORD.
create table nunchi.item_features (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  feature text not null,
  item text not null,
  primary key (project_id, environment, feature, item)
);
create index item_features_item on nunchi.item_features (project_id, environment, item);

-- The catalog as a whole; a project's environment without a row here has no items, and processing skips it.
create table nunchi.recommendation_catalogs (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  -- Counts up with every change of items, settings or neighbors that answers depend on.
  version bigint not null,
  changed_at timestamptz not null default clock_timestamp(),
  -- The networks that so many of all visitors are of that nobody of them is heard: see find_crowds().
  crowds text[] not null default '{}',
  primary key (project_id, environment)
);

-- Validated before it is stored; see docs/guide/recommendations.md.
create table nunchi.recommendation_settings (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  definition jsonb not null,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (project_id, environment)
);

-- Who does something: a visitor on one device by its anonymous_id, or a user by the user_id.
create type nunchi.actor as (id text, by_user boolean);

-- What an actor (a visitor on one device, or a user that only servers tell of) had to do with an item. Sums are of
-- exact numbers, times are the earliest and the latest: whatever the order and the batches, the row comes out the same.
create table nunchi.interactions (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  actor text not null,
  by_user boolean not null, -- whether it is a user_id, of events without an anonymous_id
  item text not null,
  weight numeric not null, -- of its kinds, added up; read capped and damped
  kinds jsonb not null, -- how often: { view, click, add, like, buy, dismiss }
  -- Of its latest event: /24 or /48, country, device class.
  network text,
  country text,
  device_class text,
  event_id uuid not null, -- that the three are of
  first_at timestamptz not null,
  last_at timestamptz not null,
  -- A dismissal that nothing followed takes the item away from the actor.
  dismissed_at timestamptz,
  -- Whether it is part of a crowd from one network, at this item or in the whole catalog: see mark_crowd().
  crowded boolean not null default false,
  -- Whether the actor had done more than a person does when it was written: see activity_steps().
  loud boolean not null default false,
  primary key (project_id, environment, actor, by_user, item)
);
-- Whoever comes in such a crowd, or does more than a person does, counts in nobody else's lists.
create index interactions_unheard on nunchi.interactions (project_id, environment, actor, by_user)
  where crowded or loud;
create index interactions_latest on nunchi.interactions (project_id, environment, actor, by_user, last_at desc, item);
create index interactions_item on nunchi.interactions (project_id, environment, item, last_at desc);

-- Items whose neighbors and popularity, and actors whose preferences, are to be computed anew.
create table nunchi.item_changes (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  item text not null,
  -- The worker's, so that none waits for another.
  shard smallint not null,
  since timestamptz not null default clock_timestamp(),
  primary key (project_id, environment, item, shard)
);
create index item_changes_since on nunchi.item_changes (since);
create table nunchi.actor_changes (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  actor text not null,
  by_user boolean not null,
  shard smallint not null,
  since timestamptz not null default clock_timestamp(),
  primary key (project_id, environment, actor, by_user, shard)
);
create index actor_changes_since on nunchi.actor_changes (since);

-- The nearest of each item, by what the same actors had to do with (cf, ease) and by what is said of them (content).
create table nunchi.item_neighbors (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  item text not null,
  source text not null check (source in ('cf', 'ease', 'content')),
  neighbor text not null,
  similarity real not null, -- 0 to 1
  -- How many visitors stand behind it, those of one network counting as two at most; 0 of content.
  support real not null,
  generation bigint not null, -- when it was computed, in ms since the epoch
  primary key (project_id, environment, item, source, neighbor)
);
-- What has an item in its list, nearest first: lists are made this way round.
create index item_neighbors_reverse
  on nunchi.item_neighbors (project_id, environment, neighbor, source, similarity desc, item);

-- What the similarity is divided by, and when an item was computed last.
create table nunchi.item_stats (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  item text not null,
  -- The logarithm to base 2 of the item's product with itself, as of 2026; null where nobody had to do with it.
  norm double precision,
  words double precision, -- what its words and tags weigh; null before they were counted
  actors bigint not null,
  -- The similarity of the hundredth of its cf neighbors, when it was computed last; 0 where there are fewer.
  floor double precision not null default 0,
  refreshed_at timestamptz not null,
  primary key (project_id, environment, item)
);

-- How much an item is had to do with lately: a sum that grows with time by the half-life, so that it need not decay.
create table nunchi.item_popularity (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  type text not null,
  -- '' for everybody, country:KR, device:mobile.
  segment text not null,
  item text not null,
  score double precision not null, -- the logarithm to base 2 of that sum
  primary key (project_id, environment, item, segment)
);
create index item_popularity_top on nunchi.item_popularity (project_id, environment, type, segment, score desc, item);

-- How the neighbors were computed last.
create table nunchi.recommendation_models (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  source text not null,
  generation bigint not null,
  detail jsonb not null,
  trained_at timestamptz not null default clock_timestamp(),
  primary key (project_id, environment, source)
);

create table nunchi.user_preferences (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  actor text not null,
  by_user boolean not null,
  -- type, tag, or the name of an attribute such as brand.
  preference_type text not null,
  preference_value text not null,
  confidence_score real not null check (confidence_score between 0 and 1),
  updated_at timestamptz not null,
  primary key (project_id, environment, actor, by_user, preference_type, preference_value)
);

-- Answers that may be given again until they expire or something happens.
create table nunchi.recommendation_cache (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  -- A hash of the question and the catalog's version.
  cache_key text not null,
  -- Whose it is: an anonymous_id, or the person behind a user_id; '' where it is nobody's in particular.
  actor text not null,
  by_user boolean not null,
  answer jsonb not null,
  expires_at timestamptz not null,
  primary key (project_id, environment, actor, by_user, cache_key)
);
create index recommendation_cache_expires on nunchi.recommendation_cache (expires_at);

-- What became of recommendations: how often each item was seen in and clicked from which list.
create table nunchi.recommendation_days (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  -- In the project's time zone.
  day date not null,
  list text not null,
  item text not null,
  shard smallint not null,
  impressions bigint not null,
  clicks bigint not null,
  primary key (project_id, environment, day, list, item, shard)
);
create index recommendation_days_item on nunchi.recommendation_days (project_id, environment, item, day);

-- Answers that failed, by hour and SQLSTATE; alerts read it.
create table nunchi.recommendation_errors (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null,
  hour timestamptz not null,
  code text not null, -- the SQLSTATE
  errors bigint not null,
  message text not null, -- the last one's
  primary key (project_id, environment, hour, code)
);

-- An item that a list may be made of. `near` (by neighbors of the visitor's or the context's items) and `popular` go from
-- 0 to 1; `known` is how much the first counts; `seed` says most for it, and `part` how much of all that is said.
create type nunchi.candidate as (type text, id text, score double precision, near double precision,
  popular double precision, known double precision, seed text, source text, part double precision, fresh boolean,
  title text, url text, image text, tags text[], attributes jsonb);

do $$
declare
  name text;
begin
  foreach name in array array['items', 'item_features', 'recommendation_catalogs', 'recommendation_settings',
    'interactions', 'item_changes', 'actor_changes', 'item_neighbors', 'item_stats', 'item_popularity',
    'recommendation_models', 'user_preferences', 'recommendation_cache', 'recommendation_days', 'recommendation_errors']
  loop
    execute format('alter table nunchi.%I enable row level security, force row level security', name);
    execute format('create policy owner on nunchi.%I to nunchi_owner using (true) with check (true)', name);
    -- For the views of nunchi_data, which run as who asks.
    continue when name not in ('items', 'interactions', 'user_preferences', 'recommendation_days');
    execute format('grant select on nunchi.%I to nunchi_reader', name);
    execute format('create policy reader_reads on nunchi.%I for select to nunchi_reader
      using (project_id = any (array (select nunchi.reader_projects())))', name);
  end loop;
end
$$;

insert into nunchi.schema_migrations (version, name, checksum)
values (13, 'recommendations', '7d6557d525feeec33e09734a2b7e02ef48be4b779e6f9ef9fa39712c250c2f2d');

reset role;
