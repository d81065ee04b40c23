-- Stores a group of batches, each event once, and answers batch by batch.
-- { batches: [{ batch, keyHash, receivedAt, sentAt, context, dropped, events, rejects }] }
--   → { batches: [{ batch, accepted, duplicates, rejected: [{ index, id, code, detail, fix, docs }] } | { batch, error }] }
-- Project and environment come from the key, never from the body. The usual case is one plain insert and
-- its queue row; only when something came again, or fell outside the months that stand, is there more work.
create or replace function nunchi.ingest(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
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
