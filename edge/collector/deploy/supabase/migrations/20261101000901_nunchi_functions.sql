-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- { fn, args, claims } → what nunchi.<fn>(args) answers to the person of these verified claims. For
-- drivers that have one call and no transaction (Supabase's rpc); only service_role may execute it.
create or replace function nunchi.as_member(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  was constant text := current_user;
  answer jsonb;
begin
  if coalesce(args -> 'claims' ->> 'sub', '') = '' then
    raise invalid_parameter_value using message = 'as_member() needs claims with a sub.';
  end if;
  perform set_config('request.jwt.claims', args ->> 'claims', true);
  perform set_config('role', 'nunchi_member', true);
  execute format('select nunchi.%I($1)', args ->> 'fn') into answer using args -> 'args';
  perform set_config('role', was, true);
  perform set_config('request.jwt.claims', '', true);
  return answer;
end
$$;
revoke execute on function nunchi.as_member(jsonb) from public;

-- { keyHash, known? } → { number, version, config } of the key's project and environment | null where the key is
-- unknown. `config` is left away where `known` is the version in force. Before the first publication the number is
-- 0 and version and config are null.
create or replace function nunchi.config(args jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select case when v.version is distinct from args ->> 'known' or v.version is null
      then jsonb_build_object('number', coalesce(v.number, 0), 'version', v.version, 'config', v.config)
      else jsonb_build_object('number', v.number, 'version', v.version) end
  from nunchi.api_keys k
  left join lateral (
    select c.number, c.version, c.config from nunchi.config_versions c
    where c.project_id = k.project_id and c.environment = k.environment
    order by c.number desc limit 1
  ) v on true
  where k.hash = args ->> 'keyHash' and k.revoked_at is null
$$;
revoke execute on function nunchi.config(jsonb) from public;
grant execute on function nunchi.config(jsonb) to nunchi_app;

-- { projectId, environment, number? } → { number, version, definition, config, actor, reason, publishedAt } | null.
-- The definition in force, or the one of a number. Run by the owner, and for keys by config_definition_by_key().
create or replace function nunchi.config_definition(args jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('number', c.number, 'version', c.version, 'definition', c.definition, 'config', c.config,
    'actor', c.actor, 'reason', c.reason, 'publishedAt', floor(extract(epoch from c.published_at) * 1000))
  from nunchi.config_versions c
  where c.project_id = (args ->> 'projectId')::uuid and c.environment = args ->> 'environment'
    and (args ->> 'number' is null or c.number = (args ->> 'number')::bigint)
  order by c.number desc limit 1
$$;
revoke execute on function nunchi.config_definition(jsonb) from public;

-- { keyHash, number? } → as config_definition() of the key's project and environment, for a server key with the
-- scope config:read or config:write; { error: 'key_unknown' | 'key_not_allowed' } otherwise.
create or replace function nunchi.config_definition_by_key(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  key nunchi.api_keys;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind <> 'srv' or (key.scopes <> '{}' and not key.scopes && array['config:read', 'config:write']) then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  return nunchi.config_definition(args || jsonb_build_object('projectId', key.project_id, 'environment',
    key.environment));
end
$$;
revoke execute on function nunchi.config_definition_by_key(jsonb) from public;
grant execute on function nunchi.config_definition_by_key(jsonb) to nunchi_app;

-- { projectId, environment, kind, hash, hint, plain?, scopes?, origins?, rateLimit?, internal? } → { keyId }.
-- Only the hash is kept; `plain` too for a public key, which stands in pages anyway.
create or replace function nunchi.create_key(args jsonb) returns jsonb
language sql set search_path = '' as $$
  insert into nunchi.api_keys (project_id, environment, kind, hash, hint, plain, scopes, origins, rate_limit, internal)
  values ((args ->> 'projectId')::uuid, args ->> 'environment', args ->> 'kind', args ->> 'hash', args ->> 'hint',
    case when args ->> 'kind' = 'pub' then args ->> 'plain' end,
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'scopes', 'null'), '[]'))),
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'origins', 'null'), '[]'))),
    (args ->> 'rateLimit')::integer, coalesce((args ->> 'internal')::boolean, false))
  returning jsonb_build_object('keyId', id::text)
$$;
revoke execute on function nunchi.create_key(jsonb) from public;

-- { name, timezone? } → { projectId, name }. The same name again answers the project that stands.
create or replace function nunchi.create_project(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  project nunchi.projects;
begin
  if coalesce(args ->> 'name', '') = '' then
    raise invalid_parameter_value using message = 'create_project() needs a name.';
  end if;
  if not exists (select from pg_catalog.pg_timezone_names z where z.name = coalesce(args ->> 'timezone', 'UTC')) then
    raise invalid_parameter_value using message = format(
      'The time zone %L is not known; give an IANA name such as Asia/Seoul.', args ->> 'timezone');
  end if;
  insert into nunchi.projects (id, name, timezone)
  values (gen_random_uuid(), args ->> 'name', coalesce(args ->> 'timezone', 'UTC'))
  on conflict (name) do nothing;
  select * into strict project from nunchi.projects p where p.name = args ->> 'name';
  return jsonb_build_object('projectId', project.id, 'name', project.name);
end
$$;
revoke execute on function nunchi.create_project(jsonb) from public;

-- {} → the facts that `nunchi doctor` judges: server, login, roles, row-level security, partitions, queue.
-- Counts are exact but bounded (10,000), ages are in seconds.
create or replace function nunchi.doctor(args jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'serverVersion', current_setting('server_version'),
    'serverVersionNumber', current_setting('server_version_num')::integer,
    'synchronousCommit', current_setting('synchronous_commit'),
    'schemaVersion', (select max(m.version) from nunchi.schema_migrations m),
    'login', (select jsonb_build_object('name', r.rolname, 'superuser', r.rolsuper, 'bypassRls', r.rolbypassrls)
      from pg_catalog.pg_roles r where r.rolname = session_user),
    'roles', (select jsonb_object_agg(r.rolname, jsonb_build_object('login', r.rolcanlogin, 'inherit', r.rolinherit,
        'superuser', r.rolsuper, 'bypassRls', r.rolbypassrls))
      from pg_catalog.pg_roles r where r.rolname in ('nunchi_owner', 'nunchi_app', 'nunchi_member')),
    'appReadsTables', (select coalesce(jsonb_agg(c.relname order by c.relname), '[]')
      from pg_catalog.pg_class c
      where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p', 'v')
        and has_table_privilege('nunchi_app', c.oid, 'select, insert, update, delete')),
    'tablesWithoutForcedRls', (select coalesce(jsonb_agg(c.relname order by c.relname), '[]')
      from pg_catalog.pg_class c
      where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p')
        and not (c.relrowsecurity and c.relforcerowsecurity)),
    'partitions', (select jsonb_build_object(
        'names', coalesce(jsonb_agg(c.relname order by c.relname) filter (where c.relname ~ '_\d{4}_\d\d$'), '[]'),
        'monthsAhead', count(*) filter (where c.relname ~ '_\d{4}_\d\d$'
          and right(c.relname, 7) > to_char(now() at time zone 'UTC', 'YYYY_MM')))
      from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'nunchi.analytics_events'::regclass),
    'defaultRows', (select count(*) from (select from nunchi.analytics_events_default limit 10000) d),
    'queue', (select jsonb_build_object('waiting', count(*),
        'oldestSeconds', coalesce(floor(extract(epoch from clock_timestamp() - min(w.created_at))), 0))
      from (select q.created_at from nunchi.event_processing_queue q where q.processing_status = 'pending'
        order by q.id limit 10000) w))
$$;
revoke execute on function nunchi.doctor(jsonb) from public;

-- { id } → [{ projectId, id, type, name, occurredAt, receivedAt }]: every row with this id (one a project).
create or replace function nunchi.find_event(args jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', e.project_id, 'id', e.id, 'type', e.type, 'name', e.name,
      'occurredAt', floor(extract(epoch from e.occurred_at) * 1000)::bigint,
      'receivedAt', floor(extract(epoch from e.received_at) * 1000)::bigint) order by e.project_id), '[]')
  from nunchi.projects p join nunchi.analytics_events e on e.project_id = p.id and e.id = (args ->> 'id')::uuid
$$;
revoke execute on function nunchi.find_event(jsonb) from public;

-- { hash } → { keyId, projectId, projectName, environment, kind, scopes, origins, rateLimit, internal } | null.
-- Null where the key is unknown or revoked; the two are not told apart.
create or replace function nunchi.find_key(args jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('keyId', k.id::text, 'projectId', p.id, 'projectName', p.name,
    'environment', k.environment, 'kind', k.kind, 'scopes', k.scopes, 'origins', k.origins,
    'rateLimit', k.rate_limit, 'internal', k.internal)
  from nunchi.api_keys k join nunchi.projects p on p.id = k.project_id
  where k.hash = args ->> 'hash' and k.revoked_at is null
$$;
revoke execute on function nunchi.find_key(jsonb) from public;
grant execute on function nunchi.find_key(jsonb) to nunchi_app;

-- {} → { ok, version, queue, now }: the last migration's number, how many queue rows wait (counted up to
-- 10,000), and the database's clock in ms. Cheap enough for a readiness probe.
create or replace function nunchi.health(args jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('ok', true,
    'version', (select max(m.version) from nunchi.schema_migrations m),
    'queue', (select count(*) from (
      select from nunchi.event_processing_queue q where q.processing_status = 'pending' limit 10000) waiting),
    'now', floor(extract(epoch from clock_timestamp()) * 1000)::bigint)
$$;
revoke execute on function nunchi.health(jsonb) from public;
grant execute on function nunchi.health(jsonb) to nunchi_app;

-- Stores a group of batches, each event once, and answers batch by batch.
-- { batches: [{ batch, keyHash, receivedAt, sentAt, context, dropped, events, rejects }] }
--   → { batches: [{ batch, accepted, duplicates, rejected: [{ index, id, code, detail, fix, docs }] } | { batch, error }] }
-- Project and environment come from the key, never from the body. The usual case is one plain insert and
-- its queue row; only when something came again, or fell outside the months that stand, is there more work.
create or replace function nunchi.ingest(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  batches constant jsonb := coalesce(args -> 'batches', '[]');
  batch jsonb;
  key nunchi.api_keys;
  -- Per batch: whose it is (null where the key is unknown), and the answer if all of it is new.
  owners uuid[] := '{}';
  keys integer[] := '{}';
  environments text[] := '{}';
  internals boolean[] := '{}';
  answers jsonb := '[]';
  size integer;
  total integer := 0;
  notes boolean := false;
  -- Per stored event, in the order of both.
  projects uuid[];
  ids uuid[];
  outside boolean;
  -- [{ projectId, id }]: events that the default partition has no room for.
  refused jsonb := '[]';
begin
  for i in 0 .. jsonb_array_length(batches) - 1 loop
    batch := batches -> i;
    if batch ->> 'keyHash' is distinct from key.hash then
      select k.* into key from nunchi.api_keys k where k.hash = batch ->> 'keyHash' and k.revoked_at is null;
    end if;
    owners := owners || key.project_id;
    keys := keys || key.id;
    environments := environments || key.environment;
    internals := internals || key.internal;
    if key.id is null then
      answers := answers || jsonb_build_object('batch', batch -> 'batch', 'error', 'key_unknown');
    else
      size := jsonb_array_length(batch -> 'events');
      total := total + size;
      notes := notes or batch -> 'rejects' <> '[]' or batch -> 'dropped' <> '{}';
      answers := answers || jsonb_build_object('batch', batch -> 'batch', 'accepted', size, 'duplicates', 0,
        'rejected', '[]'::jsonb);
    end if;
  end loop;

  with stored as (
    insert into nunchi.analytics_events (project_id, id, occurred_at, received_at, ts, skew_ms, seq, key_id,
      clock_suspect, internal, bot, environment, type, name, tab, sdk, anonymous_id, user_id, session_id, group_id,
      previous_id, page_url, page_referrer, page_title, properties, user_context, experiment_context,
      personalization_context, context)
    select b.project_id, e.id, to_timestamp((e.ts + b.skew_ms) / 1000.0), b.received_at, to_timestamp(e.ts / 1000.0),
      b.skew_ms, e.seq, b.key_id,
      -- The id's time from its first four bytes: exact to 66 seconds, and a tenth of the cost of all six.
      b.skewed or abs(e.ts + b.skew_ms - 65536 * (get_byte(uuid_send(e.id), 0) * 16777216::float8
        + get_byte(uuid_send(e.id), 1) * 65536 + get_byte(uuid_send(e.id), 2) * 256
        + get_byte(uuid_send(e.id), 3))) > 172800000,
      b.internal, b.bot, b.environment, e.type, e.name, e.tab, e.sdk, e."anonymousId", e."userId", e."sessionId",
      e."groupId", e."previousId", e.page ->> 'url', e.page ->> 'referrer', e.page ->> 'title', e.properties,
      e."userContext", e."experimentContext", e."personalizationContext", b.context
    from (
      select r.events, r.context, owners[r.n] as project_id, keys[r.n] as key_id, environments[r.n] as environment,
        internals[r.n] as internal, r.context -> 'bot' is not distinct from 'true' as bot,
        to_timestamp(r."receivedAt" / 1000.0) as received_at,
        r."receivedAt" - r."sentAt" as skew_ms, abs(r."receivedAt" - r."sentAt") > 172800000 as skewed
      from rows from (jsonb_to_recordset(batches) as ("receivedAt" double precision, "sentAt" double precision,
        context jsonb, events jsonb)) with ordinality as r ("receivedAt", "sentAt", context, events, n)
      where owners[r.n] is not null
      offset 0
    ) b, jsonb_to_recordset(b.events) as e (id uuid, type text, name text, ts double precision, tab text,
      seq bigint, "userId" text, "anonymousId" text, "sessionId" text, "groupId" text, "previousId" text,
      page jsonb, sdk text, properties jsonb, "userContext" jsonb, "experimentContext" jsonb,
      "personalizationContext" jsonb)
    -- One order for everyone, so that two calls with the same events cannot deadlock.
    order by b.project_id, e.id
    on conflict do nothing
    returning project_id, id, tableoid
  )
  select array_agg(s.project_id), array_agg(s.id),
    bool_or(s.tableoid = 'nunchi.analytics_events_default'::regclass)
  into projects, ids, outside
  from stored s;

  if outside then
    select kept.projects, kept.ids, kept.refused into projects, ids, refused
    from nunchi.ingest_overflow(projects, ids) kept;
  end if;
  if coalesce(cardinality(ids), 0) < total then
    answers := nunchi.ingest_answers(batches, owners, projects, ids, refused);
    notes := true;
  end if;
  if notes then
    perform nunchi.ingest_notes(batches, owners, answers);
  end if;
  if cardinality(ids) > 0 then
    insert into nunchi.event_processing_queue (project_ids, event_ids) values (projects, ids);
  end if;
  return jsonb_build_object('batches', answers);
end
$$;
revoke execute on function nunchi.ingest(jsonb) from public;
grant execute on function nunchi.ingest(jsonb) to nunchi_app;

-- Counts, batch by batch, what was stored, what came again and what was refused. Part of ingest(), called
-- only when not every event was stored: of several copies the first in the group is the accepted one.
create or replace function nunchi.ingest_answers(
  batches jsonb, owners uuid[], projects uuid[], ids uuid[], refused jsonb)
returns jsonb
language sql stable security definer set search_path = '' as $$
  with batch as (
    select b.n, b.j, owners[b.n] as project_id from jsonb_array_elements(batches) with ordinality as b (j, n)
  ), event as (
    select b.n, e.i - 1 as index, b.project_id, (e.j ->> 'id')::uuid as id,
      row_number() over (partition by b.project_id, (e.j ->> 'id')::uuid order by b.n, e.i) = 1 as first
    from batch b, jsonb_array_elements(b.j -> 'events') with ordinality as e (j, i)
    where b.project_id is not null
  ), verdict as (
    select e.n, e.index, e.id, e.first and s.id is not null as accepted, r.id is not null as refused
    from event e
    left join unnest(projects, ids) as s (project_id, id) on s.project_id = e.project_id and s.id = e.id
    left join jsonb_to_recordset(ingest_answers.refused) as r ("projectId" uuid, id uuid)
      on r."projectId" = e.project_id and r.id = e.id
  ), answer as (
    select v.n, count(*) filter (where v.accepted) as accepted,
      count(*) filter (where not v.accepted and not v.refused) as duplicates,
      coalesce(jsonb_agg(jsonb_build_object('index', v.index, 'id', v.id, 'code', 'event_partition_full',
        'detail', format('events[%s].id lies outside the months that can be stored, and this key has too many such events already.', v.index),
        'fix', 'Set the clock of the device that made the id, or run nunchi doctor to see which partitions stand.',
        'docs', 'https://nunchi.dev/docs/errors#event_partition_full') order by v.index)
        filter (where v.refused), '[]') as rejected
    from verdict v group by v.n
  )
  select jsonb_agg(case when b.project_id is null
      then jsonb_build_object('batch', b.j -> 'batch', 'error', 'key_unknown')
      else jsonb_build_object('batch', b.j -> 'batch', 'accepted', coalesce(a.accepted, 0),
        'duplicates', coalesce(a.duplicates, 0), 'rejected', coalesce(a.rejected, '[]')) end order by b.n)
  from batch b left join answer a using (n)
$$;
revoke execute on function nunchi.ingest_answers(jsonb, uuid[], uuid[], uuid[], jsonb) from public;

-- Records beside the events what was refused, what the SDKs dropped, and how many events came again.
-- Part of ingest(), called only when there is something of the kind. A resent batch adds nothing: rejects
-- have the batch's id in their key, and drops count only with a batch that brought something new.
create or replace function nunchi.ingest_notes(batches jsonb, owners uuid[], answers jsonb)
returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into nunchi.event_rejects (project_id, batch, index, event_id, code, detail, event, key_id, received_at)
  select owners[b.n], b.j ->> 'batch', (r.rejection ->> 'index')::integer, r.rejection ->> 'id',
    r.rejection ->> 'code', r.rejection ->> 'detail', r.event, k.id,
    to_timestamp((b.j ->> 'receivedAt')::bigint / 1000.0)
  from jsonb_array_elements(batches) with ordinality as b (j, n)
  join nunchi.api_keys k on k.hash = b.j ->> 'keyHash',
  lateral (
    select x.rejection, x.event
    from jsonb_to_recordset(b.j -> 'rejects') as x (rejection jsonb, event text)
    union all
    -- The answer counts among the events that came here; `positions` says where they stood in the batch as sent.
    select x.rejection || jsonb_build_object('index', i.sent, 'detail',
        replace(x.rejection ->> 'detail', format('events[%s]', i.here), format('events[%s]', i.sent))),
      left((b.j -> 'events' -> i.here)::text, 2000)
    from jsonb_array_elements(answers -> (b.n - 1)::integer -> 'rejected') as x (rejection),
    lateral (select (x.rejection ->> 'index')::integer as here) h,
    lateral (select h.here, coalesce((b.j -> 'positions' ->> h.here)::integer, h.here) as sent) i
  ) r
  where owners[b.n] is not null
  order by 1, 2, 3
  on conflict do nothing;

  insert into nunchi.sdk_drops as d (project_id, day, reason, events)
  select owners[b.n], (to_timestamp((b.j ->> 'receivedAt')::bigint / 1000.0) at time zone 'UTC')::date, r.reason,
    sum(r.events)
  from jsonb_array_elements(batches) with ordinality as b (j, n),
  lateral (select answers -> (b.n - 1)::integer as j) a,
  lateral (
    select x.key as reason, x.value::bigint as events
    from jsonb_each_text(b.j -> 'dropped') x
    where (a.j ->> 'accepted')::bigint > 0 or b.j -> 'events' = '[]'
    union all
    select 'retransmit', (a.j ->> 'duplicates')::bigint
  ) r
  where owners[b.n] is not null and r.events > 0
  group by 1, 2, 3
  order by 1, 2, 3
  on conflict (project_id, day, reason) do update set events = d.events + excluded.events;
end
$$;
revoke execute on function nunchi.ingest_notes(jsonb, uuid[], jsonb) from public;

-- Takes events just stored out of the default partition again where their key has too many there: each of
-- them would slow down every later partition. Part of ingest(), called only when some fell outside.
create or replace function nunchi.ingest_overflow(
  inout projects uuid[], inout ids uuid[], out refused jsonb)
language plpgsql security definer set search_path = '' as $$
declare
  room constant integer := 10000;
begin
  with added as (
    select d.project_id, d.id, d.key_id, row_number() over (partition by d.key_id order by d.id) as place,
      count(*) over (partition by d.key_id) as news
    from unnest(projects, ids) as a (project_id, id)
    join nunchi.analytics_events_default d using (project_id, id)
  ), full_keys as (
    select k.key_id, room - (
        select count(*) from (
          select from nunchi.analytics_events_default d
          where d.project_id = k.project_id and d.key_id = k.key_id limit room + k.news
        ) held
      ) + k.news as left_over
    from (select distinct project_id, key_id, news from added) k
  ), evicted as (
    delete from nunchi.analytics_events_default d
    using added a join full_keys f using (key_id)
    where a.place > f.left_over and d.project_id = a.project_id and d.id = a.id
    returning d.project_id, d.id
  )
  select coalesce(jsonb_agg(jsonb_build_object('projectId', e.project_id, 'id', e.id)), '[]')
  into refused from evicted e;

  if refused <> '[]' then
    select array_agg(a.project_id order by a.project_id, a.id), array_agg(a.id order by a.project_id, a.id)
    into projects, ids
    from unnest(projects, ids) as a (project_id, id)
    where not refused @> jsonb_build_array(jsonb_build_object('projectId', a.project_id, 'id', a.id));
  end if;
end
$$;
revoke execute on function nunchi.ingest_overflow(uuid[], uuid[]) from public;

-- { projectId? } → [{ keyId, projectId, projectName, environment, kind, hint, plain, scopes, origins,
-- rateLimit, internal, createdAt, revokedAt }], oldest first; `plain` is null for server keys.
create or replace function nunchi.list_keys(args jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('keyId', k.id::text, 'projectId', p.id, 'projectName', p.name,
      'environment', k.environment, 'kind', k.kind, 'hint', k.hint, 'plain', k.plain, 'scopes', k.scopes,
      'origins', k.origins, 'rateLimit', k.rate_limit, 'internal', k.internal,
      'createdAt', floor(extract(epoch from k.created_at) * 1000)::bigint,
      'revokedAt', floor(extract(epoch from k.revoked_at) * 1000)::bigint) order by k.id), '[]')
  from nunchi.api_keys k join nunchi.projects p on p.id = k.project_id
  where args ->> 'projectId' is null or k.project_id = (args ->> 'projectId')::uuid
$$;
revoke execute on function nunchi.list_keys(jsonb) from public;

-- {} → [{ projectId, name, timezone, keys, createdAt }], oldest first; `keys` counts those not revoked.
create or replace function nunchi.list_projects(args jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', p.id, 'name', p.name, 'timezone', p.timezone,
      'keys', (select count(*) from nunchi.api_keys k where k.project_id = p.id and k.revoked_at is null),
      'createdAt', floor(extract(epoch from p.created_at) * 1000)::bigint) order by p.created_at, p.name), '[]')
  from nunchi.projects p
$$;
revoke execute on function nunchi.list_projects(jsonb) from public;

-- Makes one month's partition and moves into it what waits in the default partition; answers how many rows.
-- Part of make_partitions(). Attaching (not creating in place) leaves ingest free to write other months.
create or replace function nunchi.make_partition(month timestamptz) returns bigint
language plpgsql security definer set search_path = '' set timezone = 'UTC' as $$
declare
  name constant text := nunchi.partition_name(month);
  low constant uuid := nunchi.uuid_floor(month);
  high constant uuid := nunchi.uuid_floor(month + interval '1 month');
  moved bigint;
begin
  perform set_config('lock_timeout', '2s', true);
  -- One maker at a time; and nobody adds a row of this month to the default partition while we move them.
  perform pg_advisory_xact_lock(hashtext('nunchi.make_partition'));
  lock table nunchi.analytics_events_default in access exclusive mode;
  -- Asked only now: taking the table's lock is what makes this session see what the maker before us made.
  if to_regclass(name) is not null then
    return 0;
  end if;
  execute format('create table %s (like nunchi.analytics_events including all)', name);
  execute format('alter table %s enable row level security, force row level security', name);
  -- Forced without a policy not even the owner would see a row, and the move would move none.
  execute format('create policy owner on %s to nunchi_owner using (true) with check (true)', name);
  execute format('with moved as (delete from nunchi.analytics_events_default d where d.id >= %L and d.id < %L
    returning *) insert into %s select * from moved', low, high, name);
  get diagnostics moved = row_count;
  execute format('alter table nunchi.analytics_events attach partition %s for values from (%L) to (%L)',
    name, low, high);
  return moved;
end
$$;
revoke execute on function nunchi.make_partition(timestamptz) from public;

-- { months? } → { created: [name], moved }: makes the months of analytics_events that are missing, from the
-- oldest that an event may still belong to until `months` (default 3, at most 24) ahead. Rows of a new month that wait
-- in the default partition move in the same transaction. Where a lock is not to be had in two seconds it
-- lets go, waits and tries again, five times.
create or replace function nunchi.make_partitions(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set timezone = 'UTC' as $$
declare
  month timestamptz := date_trunc('month', now() - interval '32 days', 'UTC');
  last constant timestamptz := date_trunc('month', now(), 'UTC')
    + make_interval(months => least(coalesce((args ->> 'months')::integer, 3), 24));
  created text[] := '{}';
  moved bigint := 0;
begin
  while month <= last loop
    if to_regclass(nunchi.partition_name(month)) is null then
      for attempt in 1..5 loop
        begin
          moved := moved + nunchi.make_partition(month);
          created := created || nunchi.partition_name(month);
          exit;
        exception when lock_not_available then
          if attempt = 5 then
            raise;
          end if;
          perform pg_sleep(0.2 * attempt * (0.5 + random()));
        end;
      end loop;
    end if;
    month := month + interval '1 month';
  end loop;
  return jsonb_build_object('created', created, 'moved', moved);
end
$$;
revoke execute on function nunchi.make_partitions(jsonb) from public;
grant execute on function nunchi.make_partitions(jsonb) to nunchi_app;

-- {} → [{ projectId, name, timezone, role }]: what the signed-in person may see, by name. Runs as the
-- person (security invoker): the policies decide, not this text.
create or replace function nunchi.member_projects(args jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', p.id, 'name', p.name, 'timezone', p.timezone,
      'role', m.role) order by p.name), '[]')
  from nunchi.projects p
  join nunchi.project_members m on m.project_id = p.id
    and m.user_id = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
$$;
revoke execute on function nunchi.member_projects(jsonb) from public;
grant execute on function nunchi.member_projects(jsonb) to nunchi_member;

-- Which projects the signed-in person may see. In a policy write `= any (array (select nunchi.my_projects()))`:
-- that form runs once a query and uses the index.
create or replace function nunchi.my_projects() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select m.project_id
  from nunchi.project_members m
  where m.user_id = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
$$;
revoke execute on function nunchi.my_projects() from public;
grant execute on function nunchi.my_projects() to nunchi_member;

-- { tokenHash } → {}. Ends a session of the overview.
create or replace function nunchi.overview_close(args jsonb) returns jsonb
language sql security definer set search_path = '' as $$
  delete from nunchi.overview_sessions s where s.token_hash = args ->> 'tokenHash';
  select '{}'::jsonb
$$;
revoke execute on function nunchi.overview_close(jsonb) from public;
grant execute on function nunchi.overview_close(jsonb) to nunchi_app;

-- { keyHash, tokenHash, seconds } → { ok: true } | { error: 'key_unknown' | 'key_not_allowed' }.
-- Exchanges a server key that names the scope overview:read for a session. A key that may do more is refused:
-- it has no business in a browser, not even once.
create or replace function nunchi.overview_open(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  key nunchi.api_keys;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind <> 'srv' or key.scopes <> array['overview:read'] then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  delete from nunchi.overview_sessions s where s.expires_at < now();
  insert into nunchi.overview_sessions (token_hash, project_id, key_id, expires_at)
  values (args ->> 'tokenHash', key.project_id, key.id, now() + make_interval(secs => (args ->> 'seconds')::integer));
  return jsonb_build_object('ok', true);
end
$$;
revoke execute on function nunchi.overview_open(jsonb) from public;
grant execute on function nunchi.overview_open(jsonb) to nunchi_app;

-- The name of the partition that holds a month's events (UTC), with its schema.
create or replace function nunchi.partition_name(month timestamptz) returns text
language sql stable strict parallel safe set search_path = '' as $$
  select 'nunchi.analytics_events_' || to_char(month at time zone 'UTC', 'YYYY_MM')
$$;
revoke execute on function nunchi.partition_name(timestamptz) from public;

-- Keeps the rows of feature_flags, experiments and experiment_variants equal to a definition. Part of
-- publish_config().
create or replace function nunchi.project_config(project uuid, env text, definition jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  delete from nunchi.feature_flags f
  where f.project_id = project and f.environment = env and not definition -> 'flags' ? f.key;
  insert into nunchi.feature_flags as f (project_id, environment, key, type, enabled, revision, definition)
  select project, env, d.key, d.value ->> 'type', coalesce((d.value ->> 'enabled')::boolean, true),
    (d.value ->> 'revision')::integer, d.value
  from jsonb_each(definition -> 'flags') d
  on conflict (project_id, environment, key) do update
  set type = excluded.type, enabled = excluded.enabled, revision = excluded.revision,
    definition = excluded.definition, updated_at = clock_timestamp()
  where f.definition <> excluded.definition;

  delete from nunchi.experiments e
  where e.project_id = project and e.environment = env and not definition -> 'experiments' ? e.key;
  insert into nunchi.experiments as e (project_id, environment, key, name, hypothesis, status, revision,
    target_sample_size, confidence_level, created_by, started_at, ended_at, definition)
  select project, env, d.key, d.value ->> 'name', d.value ->> 'hypothesis', d.value ->> 'status',
    (d.value ->> 'revision')::integer, (d.value ->> 'targetSampleSize')::bigint,
    coalesce((d.value ->> 'confidenceLevel')::double precision, 0.95), d.value ->> 'createdBy',
    case when d.value ->> 'status' <> 'draft' then clock_timestamp() end,
    case when d.value ->> 'status' = 'completed' then clock_timestamp() end, d.value - 'variants'
  from jsonb_each(definition -> 'experiments') d
  on conflict (project_id, environment, key) do update
  set name = excluded.name, hypothesis = excluded.hypothesis, status = excluded.status,
    revision = excluded.revision, target_sample_size = excluded.target_sample_size,
    confidence_level = excluded.confidence_level, created_by = excluded.created_by,
    started_at = case when excluded.status = 'draft' then null else coalesce(e.started_at, excluded.started_at) end,
    ended_at = case when excluded.status = 'completed' then coalesce(e.ended_at, excluded.ended_at) end,
    definition = excluded.definition, updated_at = clock_timestamp()
  where e.definition <> excluded.definition;

  delete from nunchi.experiment_variants v where v.project_id = project and v.environment = env;
  insert into nunchi.experiment_variants (project_id, environment, experiment, key, position, weight, is_control,
    configuration)
  select project, env, d.key, v.value ->> 'key', v.position, (v.value ->> 'weight')::integer,
    coalesce((v.value ->> 'isControl')::boolean, false), v.value -> 'configuration'
  from jsonb_each(definition -> 'experiments') d,
    jsonb_array_elements(d.value -> 'variants') with ordinality as v (value, position);
end
$$;
revoke execute on function nunchi.project_config(uuid, text, jsonb) from public;

-- { projectId, environment, base, version, definition, config, actor, reason, subject, before, after }
--   → { number, version } | { error: 'config_conflict', number }.
-- Publishes what the caller has validated, if `base` is still the number in force (0 where there is none yet),
-- with one row in the audit log. Run by the owner, and for keys by publish_config_by_key().
create or replace function nunchi.publish_config(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  project constant uuid := (args ->> 'projectId')::uuid;
  env constant text := args ->> 'environment';
  next constant bigint := (args ->> 'base')::bigint + 1;
  present bigint;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('nunchi config ' || project || env, 0));
  select coalesce(max(v.number), 0) into present
  from nunchi.config_versions v where v.project_id = project and v.environment = env;
  if present <> next - 1 then
    return jsonb_build_object('error', 'config_conflict', 'number', present);
  end if;
  insert into nunchi.config_versions (project_id, environment, number, version, definition, config, actor, reason)
  values (project, env, next, args ->> 'version', args -> 'definition', args -> 'config', args ->> 'actor',
    args ->> 'reason');
  perform nunchi.project_config(project, env, args -> 'definition');
  insert into nunchi.audit_log (project_id, actor, action, subject, before, after)
  values (project, args ->> 'actor', split_part(args ->> 'reason', ' ', 1), env || '/' || (args ->> 'subject'),
    args -> 'before', args -> 'after');
  return jsonb_build_object('number', next, 'version', args ->> 'version');
end
$$;
revoke execute on function nunchi.publish_config(jsonb) from public;

-- { keyHash, … as publish_config() } → as publish_config(), or { error: 'key_unknown' | 'key_not_allowed' }.
-- Project, environment and actor come from the server key, which needs the scope config:write.
create or replace function nunchi.publish_config_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  key nunchi.api_keys;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind <> 'srv' or (key.scopes <> '{}' and not 'config:write' = any (key.scopes)) then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  return nunchi.publish_config(args || jsonb_build_object('projectId', key.project_id, 'environment',
    key.environment, 'actor', 'key:' || key.id));
end
$$;
revoke execute on function nunchi.publish_config_by_key(jsonb) from public;
grant execute on function nunchi.publish_config_by_key(jsonb) to nunchi_app;

-- { keyHash, anonymousId, limit } → a visitor's newest events of the key's project, newest first:
-- [{ id, type, name, occurredAt, receivedAt, properties }], times in ms, at most 200. Looks among the
-- project's newest 10,000 events: no index by visitor exists, because it would cost every insert.
create or replace function nunchi.recent_events(args jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'type', e.type, 'name', e.name,
      'occurredAt', floor(extract(epoch from e.occurred_at) * 1000)::bigint,
      'receivedAt', floor(extract(epoch from e.received_at) * 1000)::bigint,
      'properties', e.properties) order by e.id desc), '[]')
  from (
    select newest.*
    from nunchi.api_keys k, lateral (
      select * from nunchi.analytics_events a where a.project_id = k.project_id order by a.id desc limit 10000
    ) newest
    where k.hash = args ->> 'keyHash' and k.revoked_at is null
      and newest.anonymous_id = args ->> 'anonymousId'
    order by newest.id desc
    limit least(greatest(coalesce((args ->> 'limit')::integer, 50), 0), 200)
  ) e
$$;
revoke execute on function nunchi.recent_events(jsonb) from public;
grant execute on function nunchi.recent_events(jsonb) to nunchi_app;

-- { id, projectId } → { removed }: takes out one event and its queue entry, as `nunchi verify` does with
-- the one it sent.
create or replace function nunchi.remove_event(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  event constant uuid := args ->> 'id';
  project constant uuid := args ->> 'projectId';
  removed integer;
begin
  delete from nunchi.analytics_events e where e.project_id = project and e.id = event;
  get diagnostics removed = row_count;
  update nunchi.event_processing_queue q
  set (project_ids, event_ids) = (
    select coalesce(array_agg(u.project_id order by u.n), '{}'), coalesce(array_agg(u.id order by u.n), '{}')
    from unnest(q.project_ids, q.event_ids) with ordinality u (project_id, id, n)
    where (u.project_id, u.id) <> (project, event))
  where q.processing_status = 'pending' and event = any (q.event_ids);
  delete from nunchi.event_processing_queue q where q.processing_status = 'pending' and q.event_ids = '{}';
  return jsonb_build_object('removed', removed);
end
$$;
revoke execute on function nunchi.remove_event(jsonb) from public;

-- { keyId | hash | hint } → { revoked: [{ keyId, hint }] }: the keys that this call revoked; empty where
-- none fits or it was revoked before. A hint that fits several keys revokes none and says so.
create or replace function nunchi.revoke_key(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  fits integer[];
  revoked jsonb;
begin
  select array_agg(k.id) into fits
  from nunchi.api_keys k
  where k.revoked_at is null
    and (k.id::text = args ->> 'keyId' or k.hash = args ->> 'hash' or k.hint = args ->> 'hint');
  if cardinality(fits) > 1 then
    raise invalid_parameter_value using message = format(
      'The hint %L fits %s keys; name one by its keyId: %s.', args ->> 'hint', cardinality(fits), fits::text);
  end if;
  with done as (
    update nunchi.api_keys k set revoked_at = now() where k.id = any (fits) and k.revoked_at is null
    returning k.id, k.hint
  )
  select coalesce(jsonb_agg(jsonb_build_object('keyId', d.id::text, 'hint', d.hint)), '[]') into revoked from done d;
  return jsonb_build_object('revoked', revoked);
end
$$;
revoke execute on function nunchi.revoke_key(jsonb) from public;

-- { projectId, userId, role } → { projectId, userId, role }: lets a person see a project, or changes how;
-- role null takes the person out. `userId` is the `sub` of their token.
create or replace function nunchi.set_member(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if args ->> 'role' is null then
    delete from nunchi.project_members m
    where m.project_id = (args ->> 'projectId')::uuid and m.user_id = args ->> 'userId';
  else
    insert into nunchi.project_members (project_id, user_id, role)
    values ((args ->> 'projectId')::uuid, args ->> 'userId', args ->> 'role')
    on conflict (project_id, user_id) do update set role = excluded.role;
  end if;
  return jsonb_build_object('projectId', args ->> 'projectId', 'userId', args ->> 'userId', 'role', args ->> 'role');
end
$$;
revoke execute on function nunchi.set_member(jsonb) from public;

-- The smallest id whose 48 bits hold this time: a partition's bound, and where a question about time prunes.
create or replace function nunchi.uuid_floor(at timestamptz) returns uuid
language sql immutable strict parallel safe set search_path = '' as $$
  select rpad(lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;
revoke execute on function nunchi.uuid_floor(timestamptz) from public;

select nunchi.make_partitions('{}');

reset role;

-- What Supabase's own roles may do: the secret key calls what the collector calls, and speaks for members.
-- The schema must also be exposed: config.toml [api] schemas, or Project Settings, Data API, Exposed schemas.
grant nunchi_app to service_role;
-- as_member() takes this role; the connection's own login must be allowed to.
grant nunchi_member to authenticator;

set role nunchi_owner;
grant usage on schema nunchi to service_role;
grant execute on function nunchi.as_member(jsonb) to service_role;
reset role;
