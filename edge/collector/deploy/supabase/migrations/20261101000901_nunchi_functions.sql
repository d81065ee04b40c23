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

-- Records one deed of administration: who did what to what, how it was before and how it is since. Part of the
-- functions that change something; `actor` null means the login of the session. Of a person only the hash goes in.
create or replace function nunchi.audit(project uuid, actor text, action text, subject text, before jsonb, after jsonb)
returns void
language sql set search_path = '' as $$
  insert into nunchi.audit_log (project_id, actor, action, subject, before, after)
  values (project, coalesce(nullif(actor, ''), 'sql:' || session_user), action, subject, before, after)
$$;
revoke execute on function nunchi.audit(uuid, text, text, text, jsonb, jsonb) from public;

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

-- { projectId, environment, kind, hash, hint, plain?, scopes?, origins?, rateLimit?, internal?, actor? } → { keyId }.
-- Only the hash is kept; `plain` too for a public key, which stands in pages anyway. One audit row.
create or replace function nunchi.create_key(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  made nunchi.api_keys;
begin
  insert into nunchi.api_keys (project_id, environment, kind, hash, hint, plain, scopes, origins, rate_limit, internal)
  values ((args ->> 'projectId')::uuid, args ->> 'environment', args ->> 'kind', args ->> 'hash', args ->> 'hint',
    case when args ->> 'kind' = 'pub' then args ->> 'plain' end,
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'scopes', 'null'), '[]'))),
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'origins', 'null'), '[]'))),
    (args ->> 'rateLimit')::integer, coalesce((args ->> 'internal')::boolean, false))
  returning * into made;
  perform nunchi.audit(made.project_id, args ->> 'actor', 'key.create', made.id::text, null,
    to_jsonb(made) - array['hash', 'plain', 'project_id', 'created_at', 'revoked_at']);
  return jsonb_build_object('keyId', made.id::text);
end
$$;
revoke execute on function nunchi.create_key(jsonb) from public;

-- { name, timezone?, actor? } → { projectId, name }. The same name again answers the project that stands; a new one
-- leaves an audit row.
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
  on conflict (name) do nothing
  returning * into project;
  if found then
    perform nunchi.audit(project.id, args ->> 'actor', 'project.create', project.id::text, null,
      jsonb_build_object('name', project.name, 'timezone', project.timezone));
  end if;
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

-- Drops one month of events, with an audit row; answers its name, or nothing where a lock was not to be had in two
-- seconds, five times: the next run of retain() tries again. Part of retain().
create or replace function nunchi.drop_partition(name text, at timestamptz) returns text[]
language plpgsql set search_path = '' as $$
declare
  estimate bigint;
begin
  for attempt in 1..5 loop
    begin
      -- Within this block alone: whoever waits for the parent's lock holds up all who come after.
      perform set_config('lock_timeout', '2s', true);
      lock table nunchi.analytics_events in access exclusive mode;
      -- Asked again under the lock: a late event may have come in meanwhile.
      if not exists (select from nunchi.retain_months(at) m where m.name = drop_partition.name) then
        return '{}';
      end if;
      execute format('select count(*) from nunchi.%I', name) into estimate;
      execute format('drop table nunchi.%I', name);
      perform nunchi.audit(null, 'job:retention', 'retention.drop', name, jsonb_build_object('rows', estimate), null);
      return array[name];
    exception when lock_not_available then
      perform pg_sleep(0.2 * attempt * (0.5 + random()));
    end;
  end loop;
  return '{}';
end
$$;
revoke execute on function nunchi.drop_partition(text, timestamptz) from public;

-- Deletes what every other table tells of the person. Part of erase_person(), once the events are gone.
create or replace function nunchi.erase_derived(run nunchi.erasure_runs) returns nunchi.erasure_runs
language plpgsql set search_path = '' as $$
declare
  rule record;
  gone bigint;
begin
  for rule in select * from nunchi.person_tables() p where p.name <> 'analytics_events' loop
    execute format('delete from nunchi.%I t where t.project_id = $1 and (%s)', rule.name, rule.own)
    using run.project_id, run.ids;
    get diagnostics gone = row_count;
    if rule.shared is not null then
      execute rule.shared using run.project_id, run.ids;
    end if;
    run.removed := run.removed || jsonb_build_object(rule.name, gone);
  end loop;
  return run;
end
$$;
revoke execute on function nunchi.erase_derived(nunchi.erasure_runs) from public;

-- Looks at the next `size` events of the run's project, in the order of their ids, and deletes those of the
-- person, also from what waits to be processed. Part of erase_person().
create or replace function nunchi.erase_events(run nunchi.erasure_runs, size integer) returns nunchi.erasure_runs
language plpgsql set search_path = '' as $$
declare
  looked integer;
  last uuid;
  own uuid[];
  shared uuid[];
  rule record;
begin
  select * into strict rule from nunchi.person_tables() p where p.name = 'analytics_events';
  execute format('
    select count(*), (array_agg(t.id order by t.id desc))[1], array_agg(t.id) filter (where %1$s),
      array_agg(t.id) filter (where not coalesce(%1$s, false) and (t.anonymous_id = any ($2) or t.previous_id = any ($2)))
    from (select e.id, e.user_id, e.anonymous_id, e.previous_id from nunchi.analytics_events e
      where e.project_id = $1 and e.id > $3 order by e.id limit $4) t', rule.own)
  into looked, last, own, shared using run.project_id, run.ids, run.after, size;

  if own is not null then
    delete from nunchi.analytics_events e where e.project_id = run.project_id and e.id = any (own);
    update nunchi.event_processing_queue q
    set (project_ids, event_ids) = (
      select coalesce(array_agg(u.project_id order by u.n), '{}'), coalesce(array_agg(u.id order by u.n), '{}')
      from unnest(q.project_ids, q.event_ids) with ordinality u (project_id, id, n)
      where u.project_id <> run.project_id or u.id <> all (own))
    where q.event_ids && own;
    delete from nunchi.event_processing_queue q where q.event_ids = '{}';
  end if;
  if shared is not null then
    execute rule.shared using run.project_id, run.ids, shared;
  end if;
  run.removed := run.removed || jsonb_build_object('analytics_events',
    coalesce((run.removed ->> 'analytics_events')::bigint, 0) + coalesce(cardinality(own), 0));
  run.after := coalesce(last, run.after);
  run.phase := case when looked < size then 'derived' else 'events' end;
  return run;
end
$$;
revoke execute on function nunchi.erase_events(nunchi.erasure_runs, integer) from public;

-- { projectId, id, limit?, actor? } → { done, phase, ids, removed: { table: rows }, waiting? }: erases one person.
-- To be called until `done`: each call is a short transaction, and after a crash the next one goes on where the
-- last committed. First the tombstones, so that nothing more comes in; then `limit` (20,000) events of the
-- project are looked at per call; at last what was derived from them. One audit row at the end.
create or replace function nunchi.erase_person(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  project constant uuid := args ->> 'projectId';
  subject constant text := nunchi.id_hash(project, args ->> 'id');
  run nunchi.erasure_runs;
begin
  if coalesce(args ->> 'id', '') = '' or not exists (select from nunchi.projects p where p.id = project) then
    raise invalid_parameter_value using message = 'erase_person() needs the projectId of a project that stands, and an id.';
  end if;
  -- One at a time for a project: two would wait for each other's writes.
  perform pg_advisory_xact_lock(hashtext('nunchi.erase_person'), hashtext(project::text));
  select * into run from nunchi.erasure_runs r where r.project_id = project
    and (r.id_hash = subject or args ->> 'id' = any (r.ids)) limit 1;
  if not found then
    insert into nunchi.erasure_runs (project_id, id_hash, ids, phase, after, removed)
    values (project, subject, nunchi.person_ids(project, args ->> 'id'), 'marked', nunchi.uuid_floor(to_timestamp(0)), '{}')
    returning * into run;
    insert into nunchi.erasures (project_id, id_hash)
    select project, nunchi.id_hash(project, i) from unnest(run.ids) i on conflict do nothing;
  elsif run.phase = 'marked' then
    -- Who looked for tombstones before these were committed may still be writing.
    if not nunchi.wait_for_writers('nunchi.analytics_events', '5 seconds') then
      return jsonb_build_object('done', false, 'phase', run.phase, 'ids', cardinality(run.ids), 'removed', run.removed, 'waiting', true);
    end if;
    run.phase := 'events';
  elsif run.phase = 'events' then
    run := nunchi.erase_events(run, coalesce((args ->> 'limit')::integer, 20000));
  else
    -- Who read the events before they were gone may still be deriving from them.
    if not nunchi.wait_for_writers('nunchi.event_processing_queue', '5 seconds') then
      return jsonb_build_object('done', false, 'phase', run.phase, 'ids', cardinality(run.ids), 'removed', run.removed, 'waiting', true);
    end if;
    run := nunchi.erase_derived(run);
    delete from nunchi.erasure_runs r where r.project_id = project and r.id_hash = run.id_hash;
    perform nunchi.audit(project, args ->> 'actor', 'person.erase', run.id_hash, run.removed,
      jsonb_build_object('tombstones', cardinality(run.ids)));
    return jsonb_build_object('done', true, 'phase', 'done', 'ids', cardinality(run.ids), 'removed', run.removed);
  end if;
  update nunchi.erasure_runs r set phase = run.phase, after = run.after, removed = run.removed
  where r.project_id = project and r.id_hash = run.id_hash;
  return jsonb_build_object('done', false, 'phase', run.phase, 'ids', cardinality(run.ids), 'removed', run.removed);
end
$$;
revoke execute on function nunchi.erase_person(jsonb) from public;

-- All that is stored of one person, in pages. { projectId, id, count?, actor? } → { ids, tables }: all the person's
-- ids, and the tables that tell of people; with one audit row, unless only to `count`.
-- { projectId, ids, table, after?, limit?, count? } → { rows, next }: the person's rows of a table, as JSON; `next`
-- is the next page's `after`, or null. A page of events looks at `limit` (5,000) events of the project, so it may
-- be empty and not the last. With `count`, `rows` is a number.
create or replace function nunchi.export_person(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  project constant uuid := args ->> 'projectId';
  size constant integer := coalesce((args ->> 'limit')::integer, 5000);
  counting constant boolean := coalesce((args ->> 'count')::boolean, false);
  events constant boolean := args ->> 'table' = 'analytics_events';
  ids text[];
  rule record;
  page jsonb;
  looked integer;
  last text;
begin
  if args ->> 'table' is null then
    ids := nunchi.person_ids(project, args ->> 'id');
    if not counting then
      perform nunchi.audit(project, args ->> 'actor', 'person.export', nunchi.id_hash(project, args ->> 'id'), null,
        jsonb_build_object('ids', cardinality(ids)));
    end if;
    return jsonb_build_object('ids', ids, 'tables', (select jsonb_agg(p.name) from nunchi.person_tables() p));
  end if;
  ids := array(select jsonb_array_elements_text(args -> 'ids'));
  select * into strict rule from nunchi.person_tables() p where p.name = args ->> 'table';
  execute format('
    select count(*), %s, %s
    from (select t.*, %s as own from nunchi.%I t where t.project_id = $1 %s order by %s limit $3 %s) t',
    case when events then '(array_agg(t.id order by t.id desc))[1]::text' else '(coalesce($4, ''0'')::bigint + count(*))::text' end,
    case when counting then 'to_jsonb(count(*) filter (where t.own))'
      else format('coalesce(jsonb_agg(to_jsonb(t) - ''own'' order by %s) filter (where t.own), ''[]'')', rule.sort) end,
    case when events then format('coalesce(%s, false)', rule.own) else 'true' end,
    rule.name,
    case when events then 'and ($4 is null or t.id > $4::uuid)' else format('and (%s)', rule.own) end,
    rule.sort,
    case when events then '' else 'offset coalesce($4, ''0'')::bigint' end)
  into looked, last, page using project, ids, size, args ->> 'after';
  return jsonb_build_object('rows', page, 'next', case when looked < size then null else last end);
end
$$;
revoke execute on function nunchi.export_person(jsonb) from public;

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

-- What a tombstone keeps of an id: SHA-256 of the project's id, a colon and the id, hex.
create or replace function nunchi.id_hash(project uuid, id text) returns text
language sql stable strict parallel safe set search_path = '' as $$
  select encode(sha256(convert_to(project::text || ':' || id, 'UTF8')), 'hex')
$$;
revoke execute on function nunchi.id_hash(uuid, text) from public;

-- The anonymous, user and previous ids in an event's raw JSON, which may be cut anywhere.
create or replace function nunchi.ids_in(event text) returns text[]
language plpgsql stable strict set search_path = '' as $$
declare
  found text;
  ids text[] := '{}';
begin
  for found in
    select m[2] from regexp_matches(event,
      '"(anonymousId|userId|previousId|anonymous_id|user_id|previous_id)"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9][^,}\s]*)', 'g') m
  loop
    begin
      ids := ids || (found::jsonb #>> '{}');
    exception when others then
      -- An escape that Postgres cannot hold as text cannot be an id either.
      ids := ids || found;
    end;
  end loop;
  return ids;
end
$$;
revoke execute on function nunchi.ids_in(text) from public;

-- { projectId, environment, source, cursor, rows, accepted, duplicates, bad, done?, actor? } → null: an import has
-- come to `cursor`; the counts are those of its latest part. With `done` its key is revoked, with one audit row.
create or replace function nunchi.import_advance(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  run nunchi.import_runs;
begin
  update nunchi.import_runs r
  set cursor = coalesce(args ->> 'cursor', r.cursor), rows = r.rows + (args ->> 'rows')::bigint,
    accepted = r.accepted + (args ->> 'accepted')::bigint, duplicates = r.duplicates + (args ->> 'duplicates')::bigint,
    bad = r.bad + (args ->> 'bad')::bigint, finished_at = case when args -> 'done' = 'true' then now() end
  where r.project_id = (args ->> 'projectId')::uuid and r.environment = args ->> 'environment' and r.source = args ->> 'source'
  returning * into strict run;
  if run.finished_at is not null then
    perform nunchi.revoke_key(jsonb_build_object('keyId', run.key_id::text, 'actor', args -> 'actor'));
    perform nunchi.audit(run.project_id, args ->> 'actor', 'import.finish', run.source, null, jsonb_build_object(
      'rows', run.rows, 'accepted', run.accepted, 'duplicates', run.duplicates, 'bad', run.bad));
  end if;
  return null;
end
$$;
revoke execute on function nunchi.import_advance(jsonb) from public;

-- { projectId, environment, source, keyHash, actor? } → { keyHash, cursor, rows, accepted, duplicates, bad, resumed }:
-- begins an import, or goes on with one of the same source that did not come to its end. Its events are written
-- with a key of its own that nobody has the text of.
create or replace function nunchi.import_start(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  project constant uuid := args ->> 'projectId';
  run nunchi.import_runs;
  hash text;
begin
  select * into run from nunchi.import_runs r
  where r.project_id = project and r.environment = args ->> 'environment' and r.source = args ->> 'source' for update;
  select k.hash into hash from nunchi.api_keys k where k.id = run.key_id and k.revoked_at is null;
  if run.finished_at is null and hash is not null then
    return to_jsonb(run) || jsonb_build_object('keyHash', hash, 'resumed', true);
  end if;
  hash := args ->> 'keyHash';
  insert into nunchi.import_runs as r (project_id, environment, source, key_id)
  values (project, args ->> 'environment', args ->> 'source', (nunchi.create_key(jsonb_build_object(
    'projectId', project, 'environment', args -> 'environment', 'kind', 'srv', 'hash', hash, 'hint', 'import',
    'scopes', '["events:write"]'::jsonb, 'actor', args -> 'actor')) ->> 'keyId')::integer)
  on conflict (project_id, environment, source) do update set key_id = excluded.key_id,
    -- A run whose key somebody revoked goes on; one that had ended begins anew.
    cursor = case when r.finished_at is null then r.cursor end, rows = case when r.finished_at is null then r.rows else 0 end,
    accepted = case when r.finished_at is null then r.accepted else 0 end,
    duplicates = case when r.finished_at is null then r.duplicates else 0 end,
    bad = case when r.finished_at is null then r.bad else 0 end, started_at = now(), finished_at = null
  returning * into run;
  return to_jsonb(run) || jsonb_build_object('keyHash', hash, 'resumed', run.cursor is not null);
end
$$;
revoke execute on function nunchi.import_start(jsonb) from public;

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
    -- Of erased people nothing is stored. Where nobody of these projects was erased, this is one look for all.
    where not (select exists (select from nunchi.erasures x where x.project_id = any (owners)))
      or not exists (
        select from nunchi.erasures x
        where x.project_id = b.project_id and x.id_hash in (
          encode(sha256(convert_to(b.project_id::text || ':' || e."anonymousId", 'UTF8')), 'hex'),
          encode(sha256(convert_to(b.project_id::text || ':' || e."userId", 'UTF8')), 'hex'),
          encode(sha256(convert_to(b.project_id::text || ':' || e."previousId", 'UTF8')), 'hex')))
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
    select b.n, e.i - 1 as index, b.project_id, (e.j ->> 'id')::uuid as id, e.j,
      row_number() over (partition by b.project_id, (e.j ->> 'id')::uuid order by b.n, e.i) = 1 as first
    from batch b, jsonb_array_elements(b.j -> 'events') with ordinality as e (j, i)
    where b.project_id is not null
  ), verdict as (
    select e.n, e.index, e.id, e.first and s.id is not null as accepted,
      case when r.id is not null then 'event_partition_full'
        when s.id is null and exists (
          select from nunchi.erasures x
          where x.project_id = e.project_id and x.id_hash in (nunchi.id_hash(e.project_id, e.j ->> 'anonymousId'),
            nunchi.id_hash(e.project_id, e.j ->> 'userId'), nunchi.id_hash(e.project_id, e.j ->> 'previousId')))
        then 'person_erased' end as refused
    from event e
    left join unnest(projects, ids) as s (project_id, id) on s.project_id = e.project_id and s.id = e.id
    left join jsonb_to_recordset(ingest_answers.refused) as r ("projectId" uuid, id uuid)
      on r."projectId" = e.project_id and r.id = e.id
  ), answer as (
    select v.n, count(*) filter (where v.accepted) as accepted,
      count(*) filter (where not v.accepted and v.refused is null) as duplicates,
      coalesce(jsonb_agg(jsonb_build_object('index', v.index, 'id', v.id, 'code', v.refused,
        'detail', format(case v.refused
          when 'event_partition_full' then 'events[%s].id lies outside the months that can be stored, and this key has too many such events already.'
          else 'events[%s] is of a person whose data was erased; nothing of it was kept.' end, v.index),
        'fix', case v.refused
          when 'event_partition_full' then 'Set the clock of the device that made the id, or run nunchi doctor to see which partitions stand.'
          else 'Call reset() so that the device starts anew, or let the id return with nunchi erase --lift.' end,
        'docs', 'https://nunchi.dev/docs/errors#' || v.refused) order by v.index)
        filter (where v.refused is not null), '[]') as rejected
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
declare
  erasing constant boolean := exists (select from nunchi.erasures x where x.project_id = any (owners));
begin
  insert into nunchi.event_rejects (project_id, batch, index, event_id, code, detail, event, key_id, received_at)
  select owners[b.n], b.j ->> 'batch', (r.rejection ->> 'index')::integer,
    case when not s.silent then r.rejection ->> 'id' end, r.rejection ->> 'code',
    -- A sentence may quote the event.
    case when s.silent then 'The event is of a person whose data was erased; nothing of it was kept.'
      else r.rejection ->> 'detail' end,
    case when s.silent then '' else r.event end, k.id,
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
  ) r,
  -- Of erased people not even what was refused is kept, whatever it was refused for.
  lateral (select r.rejection ->> 'code' = 'person_erased' or erasing and exists (
    select from unnest(nunchi.ids_in(r.event)) i
    join nunchi.erasures x on x.project_id = owners[b.n] and x.id_hash = nunchi.id_hash(owners[b.n], i)) as silent) s
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

-- { projectId, id, actor? } → { lifted }: lets an erased id return; what was erased does not come back. Other ids
-- of the same person stay refused: nobody knows any more which they were.
create or replace function nunchi.lift_erasure(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  project constant uuid := args ->> 'projectId';
  subject constant text := nunchi.id_hash(project, args ->> 'id');
begin
  if exists (select from nunchi.erasure_runs r where r.project_id = project and args ->> 'id' = any (r.ids)) then
    raise object_in_use using message = 'This id is being erased; run nunchi erase again until it is done, then lift it.';
  end if;
  delete from nunchi.erasures e where e.project_id = project and e.id_hash = subject;
  if not found then
    return jsonb_build_object('lifted', false);
  end if;
  perform nunchi.audit(project, args ->> 'actor', 'person.lift', subject, '{"refused": true}', '{"refused": false}');
  return jsonb_build_object('lifted', true);
end
$$;
revoke execute on function nunchi.lift_erasure(jsonb) from public;

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

-- {} → [{ role, projectId, projectName, grantedAt, exists, member, superuser, bypassRls }], by role and
-- project: who reads what in SQL, and whether the login stands as it should.
create or replace function nunchi.list_readers(args jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('role', g.role_name, 'projectId', p.id, 'projectName', p.name,
      'grantedAt', floor(extract(epoch from g.granted_at) * 1000)::bigint, 'exists', r.oid is not null,
      'member', coalesce(pg_has_role(r.oid, 'nunchi_reader', 'member'), false),
      'superuser', coalesce(r.rolsuper, false), 'bypassRls', coalesce(r.rolbypassrls, false))
    order by g.role_name, p.name), '[]')
  from nunchi.reader_grants g
  join nunchi.projects p on p.id = g.project_id
  left join pg_catalog.pg_roles r on r.rolname = g.role_name
$$;
revoke execute on function nunchi.list_readers(jsonb) from public;

-- { months: ["2024-03", …] } → { created: [name], moved }: makes the partitions of past months that an import is
-- about to write into; at most 20 years back. Months that stand already are left alone.
create or replace function nunchi.make_months(args jsonb) returns jsonb
language plpgsql set search_path = '' set timezone = 'UTC' as $$
declare
  month timestamptz;
  created text[] := '{}';
  moved bigint := 0;
begin
  for month in select distinct to_date(m, 'YYYY-MM')::timestamptz from jsonb_array_elements_text(args -> 'months') m order by 1 loop
    if month < now() - interval '241 months' or month > now() then
      raise invalid_parameter_value using message = format('%s is not one of the last 240 months.', to_char(month, 'YYYY-MM'));
    end if;
    for attempt in 1..5 loop
      begin
        if to_regclass(nunchi.partition_name(month)) is null then
          moved := moved + nunchi.make_partition(month);
          created := created || nunchi.partition_name(month);
        end if;
        exit;
      exception when lock_not_available then
        if attempt = 5 then
          raise;
        end if;
        perform pg_sleep(0.2 * attempt * (0.5 + random()));
      end;
    end loop;
  end loop;
  return jsonb_build_object('created', created, 'moved', moved);
end
$$;
revoke execute on function nunchi.make_months(jsonb) from public;

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

-- All ids of the person who has this one: devices by first link, users by alias, and what waits to be processed
-- says of both. The id itself is always among them.
create or replace function nunchi.person_ids(project uuid, id text) returns text[]
language sql stable set search_path = '' as $$
  with recursive waiting as materialized (
    select e.type, e.anonymous_id, e.user_id, e.previous_id, e.occurred_at, e.id
    from nunchi.event_processing_queue q, unnest(q.project_ids, q.event_ids) u (project_id, id)
    join nunchi.analytics_events e on e.project_id = u.project_id and e.id = u.id
    where q.processing_status <> 'done' and u.project_id = project and e.type in ('identify', 'alias')
      and e.user_id is not null
  ), link as materialized (
    -- The first one holds, and one that stands holds against all that wait.
    (select distinct on (w.anonymous_id) w.anonymous_id as one, w.user_id as other from waiting w
    where w.type = 'identify' and w.anonymous_id is not null and not exists (
      select from nunchi.identities i where i.project_id = project and i.anonymous_id = w.anonymous_id)
    order by w.anonymous_id, w.occurred_at, w.id)
    union all
    (select distinct on (w.previous_id) w.previous_id, w.user_id from waiting w
    where w.type = 'alias' and w.previous_id is not null and not exists (
      select from nunchi.aliases a where a.project_id = project and a.previous_id = w.previous_id)
    order by w.previous_id, w.occurred_at, w.id)
  ), person (id) as (
    select person_ids.id
    union
    select n.id from person p, lateral (
      select i.user_id from nunchi.identities i where i.project_id = project and i.anonymous_id = p.id
      union all
      select i.anonymous_id from nunchi.identities i where i.project_id = project and i.user_id = p.id
      union all
      select a.user_id from nunchi.aliases a where a.project_id = project and a.previous_id = p.id
      union all
      select a.previous_id from nunchi.aliases a where a.project_id = project and a.user_id = p.id
      union all
      select l.other from link l where l.one = p.id
      union all
      select l.one from link l where l.other = p.id
    ) n (id)
  )
  select array_agg(p.id order by p.id = person_ids.id desc, p.id) from person p
$$;
revoke execute on function nunchi.person_ids(uuid, text) from public;

-- The tables that tell of people, and which rows `t` are about the person whose ids are $2 (in project $1). What
-- export_person() shows and erase_person() deletes is read from here; a test holds it to the catalog. A row of
-- another user that merely names a device of this person stays theirs; `shared` takes the device out of it.
create or replace function nunchi.person_tables()
returns table (name text, own text, shared text, sort text)
language sql immutable set search_path = '' as $$
  values
    ('analytics_events', 't.user_id = any ($2) or t.user_id is null and (t.anonymous_id = any ($2) or t.previous_id = any ($2))',
      'update nunchi.analytics_events t set anonymous_id = case when t.anonymous_id = any ($2) then null else t.anonymous_id end,
        previous_id = case when t.previous_id = any ($2) then null else t.previous_id end
      where t.project_id = $1 and t.id = any ($3)', 't.id'),
    ('event_rejects', 'nunchi.ids_in(t.event) && $2', null, 't.received_at, t.batch, t.index'),
    ('sessions', 't.user_id = any ($2) or t.user_id is null and t.anonymous_id = any ($2)',
      'update nunchi.sessions t set anonymous_id = null where t.project_id = $1 and t.anonymous_id = any ($2)', 't.started_at, t.session_id'),
    ('minute_visitors', 't.user_id = any ($2) or t.user_id = '''' and t.anonymous_id = any ($2)',
      'with gone as (delete from nunchi.minute_visitors t where t.project_id = $1 and t.anonymous_id = any ($2) returning *)
      insert into nunchi.minute_visitors select distinct g.project_id, g.environment, g.minute, '''', g.user_id from gone g
      on conflict do nothing', 't.minute, t.environment, t.anonymous_id, t.user_id'),
    ('daily_visitors', 't.user_id = any ($2) or t.user_id = '''' and t.anonymous_id = any ($2)',
      'with gone as (delete from nunchi.daily_visitors t where t.project_id = $1 and t.anonymous_id = any ($2) returning *)
      insert into nunchi.daily_visitors select distinct g.project_id, g.environment, g.day, '''', g.user_id from gone g
      on conflict do nothing', 't.day, t.environment, t.anonymous_id, t.user_id'),
    ('traits', 't.kind = ''user'' and t.subject = any ($2)', null, 't.subject, t.key'),
    ('aliases', 't.user_id = any ($2) or t.previous_id = any ($2)', null, 't.linked_at, t.previous_id'),
    ('identities', 't.user_id = any ($2) or t.anonymous_id = any ($2)', null, 't.linked_at, t.anonymous_id')
$$;
revoke execute on function nunchi.person_tables() from public;

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

-- Which projects the login that asks may read; by who logged in, since a setting or `set role` is anyone's.
-- In a policy write `= any (array (select nunchi.reader_projects()))`: that form runs once a query.
create or replace function nunchi.reader_projects() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select g.project_id from nunchi.reader_grants g where g.role_name = session_user
$$;
revoke execute on function nunchi.reader_projects() from public;
grant execute on function nunchi.reader_projects() to nunchi_reader;

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

-- { limit?, now? } → { dropped: [partition], removed: { table: rows }, more }: removes what is older than its project
-- keeps, at most `limit` (10,000) rows a call; to be called again while there is `more`. Whole months are dropped
-- where no project needs them. `now` (ms) is another clock, for the owner alone.
create or replace function nunchi.retain(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set timezone = 'UTC' as $$
declare
  at timestamptz := now();
  room integer := least(coalesce((args ->> 'limit')::integer, 10000), 100000);
  dropped text[] := '{}';
  removed jsonb := '{}';
  project record;
  one record;
begin
  if args ->> 'now' is not null then
    -- Within a definer function the current role is always the owner; this is who called.
    if coalesce(nullif(current_setting('role', true), 'none'), session_user) in ('nunchi_app', 'nunchi_member') then
      raise insufficient_privilege using message = 'Only the owner may give retain() another clock.';
    end if;
    at := to_timestamp((args ->> 'now')::bigint / 1000.0);
  end if;
  -- Somebody else at it will do as well.
  if not pg_try_advisory_xact_lock(hashtext('nunchi.retain')) then
    return jsonb_build_object('dropped', '[]'::jsonb, 'removed', '{}'::jsonb, 'more', false);
  end if;

  for one in select * from nunchi.retain_months(at) m loop
    dropped := dropped || nunchi.drop_partition(one.name, at);
  end loop;
  for project in select p.id, p.retention_days from nunchi.projects p order by p.id loop
    for one in select * from nunchi.retain_rows(project.id, at - make_interval(days => project.retention_days), at, room) loop
      room := room - one.gone;
      removed := removed || jsonb_build_object(one.name, coalesce((removed ->> one.name)::bigint, 0) + one.gone);
      perform nunchi.audit(project.id, 'job:retention', 'retention.remove', one.name, null,
        jsonb_build_object('rows', one.gone, 'days', project.retention_days));
    end loop;
    exit when room <= 0;
  end loop;
  return jsonb_build_object('dropped', dropped, 'removed', removed, 'more', room <= 0);
end
$$;
revoke execute on function nunchi.retain(jsonb) from public;
grant execute on function nunchi.retain(jsonb) to nunchi_app;

-- The months of events that no project needs any more: past for each project that has a row there, and older than
-- what make_partitions() would make again. Part of retain().
create or replace function nunchi.retain_months(at timestamptz) returns table (name text)
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
declare
  month record;
  needed boolean;
begin
  for month in
    select c.relname::text as name, to_date(right(c.relname, 7), 'YYYY_MM')::timestamptz + interval '1 month' as ends
    from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'nunchi.analytics_events'::regclass and c.relname ~ '_\d{4}_\d\d$'
    order by c.relname
  loop
    continue when month.ends > date_trunc('month', at - interval '32 days')
      or month.ends + interval '48 hours' > at - make_interval(days => (select min(p.retention_days) from nunchi.projects p));
    -- An event lies within 48 hours of its id, but for those of a suspect clock.
    execute format('
      select exists (
        select from nunchi.projects p
        where (p.retention_days is null or $1 + interval ''48 hours'' > $2 - make_interval(days => p.retention_days))
          and exists (select from nunchi.%1$I e where e.project_id = p.id)
      ) or exists (
        select from nunchi.projects p join nunchi.%1$I e on e.project_id = p.id and e.clock_suspect
          and e.occurred_at >= $2 - make_interval(days => p.retention_days))', month.name)
    into needed using month.ends, at;
    continue when needed is not false;
    name := month.name;
    return next;
  end loop;
end
$$;
revoke execute on function nunchi.retain_months(timestamptz) from public;

-- Deletes at most `room` rows of a project that lie before its horizon (null: it keeps its events), and answers how
-- many of which table. What no question needs goes after 90 days (rejects) or 400 (reported drops) in any case.
-- Part of retain().
create or replace function nunchi.retain_rows(project uuid, horizon timestamptz, at timestamptz, room integer)
returns table (name text, gone bigint)
language plpgsql set search_path = '' as $$
declare
  rule record;
begin
  for rule in
    select * from (values
      -- By the id's time to within 48 hours, so that only old months are opened.
      ('analytics_events', horizon, 'select e.tableoid, e.ctid from nunchi.analytics_events e where e.project_id = $1
        and e.id < nunchi.uuid_floor($2 + interval ''48 hours'') and e.occurred_at < $2
        and e.tableoid <> ''nunchi.analytics_events_default''::regclass'),
      ('analytics_events', horizon, 'select e.tableoid, e.ctid from nunchi.analytics_events e where e.project_id = $1
        and e.clock_suspect and e.occurred_at < $2 and e.tableoid <> ''nunchi.analytics_events_default''::regclass'),
      -- Their ids tell nothing of when; only we know when they came.
      ('analytics_events_default', horizon, 'select e.tableoid, e.ctid from nunchi.analytics_events_default e
        where e.project_id = $1 and e.received_at < $2'),
      ('sessions', horizon, 'select e.tableoid, e.ctid from nunchi.sessions e where e.project_id = $1 and e.ended_at < $2'),
      ('minute_visitors', horizon, 'select e.tableoid, e.ctid from nunchi.minute_visitors e where e.project_id = $1 and e.minute < $2'),
      ('daily_visitors', horizon, 'select e.tableoid, e.ctid from nunchi.daily_visitors e where e.project_id = $1 and e.day < ($2 at time zone ''UTC'')::date - 1'),
      ('event_rejects', greatest(horizon, at - interval '90 days'), 'select e.tableoid, e.ctid from nunchi.event_rejects e
        where e.project_id = $1 and e.received_at < $2'),
      ('sdk_drops', greatest(horizon, at - interval '400 days'), 'select e.tableoid, e.ctid from nunchi.sdk_drops e
        where e.project_id = $1 and e.day < ($2 at time zone ''UTC'')::date')
    ) r (name, before, which)
  loop
    exit when room <= 0;
    continue when rule.before is null;
    execute format('delete from nunchi.%I d using (%s limit $3) old where d.tableoid = old.tableoid and d.ctid = old.ctid',
      rule.name, rule.which)
    using project, rule.before, room;
    get diagnostics gone = row_count;
    room := room - gone;
    if gone > 0 then
      name := rule.name;
      return next;
    end if;
  end loop;
end
$$;
revoke execute on function nunchi.retain_rows(uuid, timestamptz, timestamptz, integer) from public;

-- { keyId | hash | hint, actor? } → { revoked: [{ keyId, hint }] }: the keys that this call revoked; empty where
-- none fits or it was revoked before. An audit row for each. A hint that fits several keys revokes none and says so.
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
  perform nunchi.audit(k.project_id, args ->> 'actor', 'key.revoke', k.id::text, '{"revoked_at": null}',
    jsonb_build_object('revoked_at', k.revoked_at))
  from nunchi.api_keys k where k.id = any (fits) and revoked <> '[]';
  return jsonb_build_object('revoked', revoked);
end
$$;
revoke execute on function nunchi.revoke_key(jsonb) from public;

-- { projectId, userId, role, actor? } → { projectId, userId, role }: lets a person see a project, or changes how;
-- role null takes the person out. `userId` is the `sub` of their token. One audit row.
create or replace function nunchi.set_member(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  held constant text := (select m.role from nunchi.project_members m
    where m.project_id = (args ->> 'projectId')::uuid and m.user_id = args ->> 'userId');
begin
  if args ->> 'role' is null then
    delete from nunchi.project_members m
    where m.project_id = (args ->> 'projectId')::uuid and m.user_id = args ->> 'userId';
  else
    insert into nunchi.project_members (project_id, user_id, role)
    values ((args ->> 'projectId')::uuid, args ->> 'userId', args ->> 'role')
    on conflict (project_id, user_id) do update set role = excluded.role;
  end if;
  perform nunchi.audit((args ->> 'projectId')::uuid, args ->> 'actor', 'member.set', args ->> 'userId',
    jsonb_build_object('role', held), jsonb_build_object('role', args ->> 'role'));
  return jsonb_build_object('projectId', args ->> 'projectId', 'userId', args ->> 'userId', 'role', args ->> 'role');
end
$$;
revoke execute on function nunchi.set_member(jsonb) from public;

-- { role, projectId, granted, actor? } → { exists, member, superuser, bypassRls, changed }: lets a login role
-- read a project through the views of nunchi_data, or (granted false) no longer. It says how the role stands;
-- making the login and `grant nunchi_reader to` it are for the administrator of the server.
create or replace function nunchi.set_reader(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  reader constant name := args ->> 'role';
  project constant uuid := args ->> 'projectId';
  granted constant boolean := coalesce((args ->> 'granted')::boolean, true);
  changed integer;
begin
  if coalesce(args ->> 'role', '') = '' or octet_length(args ->> 'role') > 63
    or reader in ('nunchi_owner', 'nunchi_app', 'nunchi_member', 'nunchi_reader', 'public') then
    raise invalid_parameter_value using message = format(
      '%L cannot be a reader; name a login role of its own, such as metabase.', args ->> 'role');
  end if;
  if granted then
    insert into nunchi.reader_grants (role_name, project_id) values (reader, project) on conflict do nothing;
  else
    delete from nunchi.reader_grants g where g.role_name = reader and g.project_id = project;
  end if;
  get diagnostics changed = row_count;
  if changed > 0 then
    insert into nunchi.audit_log (project_id, actor, action, subject)
    values (project, coalesce(args ->> 'actor', 'sql:' || session_user),
      case when granted then 'reader.add' else 'reader.remove' end, reader);
  end if;
  return jsonb_build_object('changed', changed > 0) || coalesce((
    select jsonb_build_object('exists', true, 'member', pg_has_role(r.oid, 'nunchi_reader', 'member'),
      'superuser', r.rolsuper, 'bypassRls', r.rolbypassrls)
    from pg_catalog.pg_roles r where r.rolname = reader
  ), jsonb_build_object('exists', false, 'member', false, 'superuser', false, 'bypassRls', false));
end
$$;
revoke execute on function nunchi.set_reader(jsonb) from public;

-- { projectId, days, actor? } → { projectId, days, before }: how many days a project's events are kept after they
-- occurred; days null keeps them.
create or replace function nunchi.set_retention(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  project nunchi.projects;
  days constant integer := args ->> 'days';
begin
  select * into project from nunchi.projects p where p.id = (args ->> 'projectId')::uuid for update;
  if not found or days < 1 or days > 36500 then
    raise invalid_parameter_value using message = 'set_retention() needs the projectId of a project that stands, and days from 1 to 36500, or null.';
  end if;
  update nunchi.projects p set retention_days = days where p.id = project.id;
  perform nunchi.audit(project.id, args ->> 'actor', 'retention.set', project.id::text,
    jsonb_build_object('days', project.retention_days), jsonb_build_object('days', days));
  return jsonb_build_object('projectId', project.id, 'days', days, 'before', project.retention_days);
end
$$;
revoke execute on function nunchi.set_retention(jsonb) from public;

-- The smallest id whose 48 bits hold this time: a partition's bound, and where a question about time prunes.
create or replace function nunchi.uuid_floor(at timestamptz) returns uuid
language sql immutable strict parallel safe set search_path = '' as $$
  select rpad(lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;
revoke execute on function nunchi.uuid_floor(timestamptz) from public;
grant execute on function nunchi.uuid_floor(timestamptz) to nunchi_reader;

-- Waits until every transaction that was writing to a table when this began has ended, without keeping new ones
-- from it; false where that took longer than `patience`. Reading alone (a backup) is not waited for.
create or replace function nunchi.wait_for_writers(relation regclass, patience interval) returns boolean
language plpgsql set search_path = '' as $$
declare
  deadline constant timestamptz := clock_timestamp() + patience;
  writers text[];
begin
  select array_agg(distinct l.virtualtransaction) into writers
  from pg_catalog.pg_locks l
  where l.relation = wait_for_writers.relation and l.granted and l.pid <> pg_backend_pid()
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
    and l.mode in ('RowShareLock', 'RowExclusiveLock');
  while exists (
    select from pg_catalog.pg_locks l
    where l.relation = wait_for_writers.relation and l.granted and l.virtualtransaction = any (writers))
  loop
    if clock_timestamp() > deadline then
      return false;
    end if;
    perform pg_sleep(0.02);
  end loop;
  return true;
end
$$;
revoke execute on function nunchi.wait_for_writers(regclass, interval) from public;

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
