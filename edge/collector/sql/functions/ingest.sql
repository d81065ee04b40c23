-- Stores a group of batches, each event once, and answers batch by batch.
-- { batches: [{ batch, keyHash, receivedAt, sentAt, context, dropped, events, rejects }] }
--   → { batches: [{ batch, accepted, duplicates, rejected: [{ index, id, code, detail, fix, docs }] } | { batch, error }] }
-- Project and environment come from the key, never from the body. The usual case is one plain insert and
-- its queue row; only when something came again, or fell outside the months that stand, is there more work.
create or replace function nunchi.ingest(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  -- Per batch, in the order given; null where the key is unknown.
  owners uuid[];
  answers jsonb;
  total bigint;
  notes boolean;
  -- Per stored event.
  projects uuid[];
  ids uuid[];
  outside bigint;
  -- { projectId, id } of events that the default partition has no room for.
  refused jsonb := '[]';
begin
  with batch as materialized (
    select b.n, b.batch, k.project_id, k.id as key_id, k.environment, k.internal, b.context, b.events,
      to_timestamp(b."receivedAt" / 1000.0) as received_at, b."receivedAt" - b."sentAt" as skew_ms,
      b.rejects <> '[]' or b.dropped <> '{}' as notes
    from rows from (jsonb_to_recordset(args -> 'batches') as (batch text, "keyHash" text, "receivedAt" bigint,
      "sentAt" bigint, context jsonb, events jsonb, rejects jsonb, dropped jsonb)) with ordinality
      as b (batch, "keyHash", "receivedAt", "sentAt", context, events, rejects, dropped, n)
    left join nunchi.api_keys k on k.hash = b."keyHash" and k.revoked_at is null
  ), stored as (
    insert into nunchi.analytics_events (project_id, id, occurred_at, received_at, ts, skew_ms, seq, key_id,
      clock_suspect, internal, environment, type, name, tab, sdk, anonymous_id, user_id, session_id, group_id,
      previous_id, page_url, page_referrer, page_title, properties, user_context, experiment_context,
      personalization_context, context)
    select b.project_id, e.id, to_timestamp((e.ts + b.skew_ms) / 1000.0), b.received_at,
      to_timestamp(e.ts / 1000.0), b.skew_ms, e.seq, b.key_id,
      abs(e.ts + b.skew_ms - ('x' || left(encode(uuid_send(e.id), 'hex'), 12))::bit(48)::bigint) > 172800000
        or abs(b.skew_ms) > 172800000,
      b.internal, b.environment, e.type, e.name, e.tab, e.sdk, e."anonymousId", e."userId", e."sessionId",
      e."groupId", e."previousId", e.page ->> 'url', e.page ->> 'referrer', e.page ->> 'title', e.properties,
      e."userContext", e."experimentContext", e."personalizationContext", b.context
    from batch b, jsonb_to_recordset(b.events) as e (id uuid, type text, name text, ts double precision, tab text,
      seq bigint, "userId" text, "anonymousId" text, "sessionId" text, "groupId" text, "previousId" text,
      page jsonb, sdk text, properties jsonb, "userContext" jsonb, "experimentContext" jsonb,
      "personalizationContext" jsonb)
    where b.project_id is not null
    -- One order for everyone, so that two calls with the same events cannot deadlock.
    order by b.project_id, e.id, b.n
    on conflict do nothing
    returning project_id, id, tableoid
  )
  select asked.owners, asked.answers, asked.total, asked.notes, done.projects, done.ids, done.outside
  into owners, answers, total, notes, projects, ids, outside
  from (
    select array_agg(b.project_id order by b.n) as owners, bool_or(b.notes) as notes,
      coalesce(sum(jsonb_array_length(b.events)) filter (where b.project_id is not null), 0) as total,
      jsonb_agg(case when b.project_id is null
        then jsonb_build_object('batch', b.batch, 'error', 'key_unknown')
        else jsonb_build_object('batch', b.batch, 'accepted', jsonb_array_length(b.events), 'duplicates', 0,
          'rejected', '[]'::jsonb) end order by b.n) as answers
    from batch b
  ) asked, (
    select array_agg(s.project_id) as projects, array_agg(s.id) as ids,
      count(*) filter (where s.tableoid = 'nunchi.analytics_events_default'::regclass) as outside
    from stored s
  ) done;
  if outside > 0 then
    select kept.projects, kept.ids, kept.refused into projects, ids, refused
    from nunchi.ingest_overflow(projects, ids) kept;
  end if;
  if coalesce(cardinality(ids), 0) < total then
    answers := nunchi.ingest_answers(args -> 'batches', owners, projects, ids, refused);
    notes := true;
  end if;
  if notes then
    perform nunchi.ingest_notes(args -> 'batches', owners, answers);
  end if;
  if cardinality(ids) > 0 then
    insert into nunchi.event_processing_queue (project_ids, event_ids) values (projects, ids);
  end if;
  return jsonb_build_object('batches', coalesce(answers, '[]'));
end
$$;
revoke execute on function nunchi.ingest(jsonb) from public;
grant execute on function nunchi.ingest(jsonb) to nunchi_app;
