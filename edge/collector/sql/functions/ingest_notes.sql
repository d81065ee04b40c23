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
