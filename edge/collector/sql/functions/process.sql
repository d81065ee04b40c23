-- Writes the effects of what waits in the queue, each event's once, for any number of callers at the same moment.
-- { rows? = 500, events? = 5000 } → { rows, events, failed, dead, more, next, waits }: claims so many rows or
-- events, oldest first. `waits` are the ms from each row's commit to that of its effects; `more` says that another
-- call has something to do, and `next` how many rows it should ask for: fewer while a bad one is being found.
-- Of events that carry much it takes fewer (process_share()), so that a call is done within a second or so.
-- A claim that fails is halved until it succeeds or one row is alone (process_failed()). What is not the data's
-- fault (a lock, a full disk, a missing table) fails the call and counts against no row.
create or replace function nunchi.process(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  most constant integer := least(greatest(coalesce((args ->> 'rows')::integer, 500), 1), 500);
  budget constant integer := least(greatest(coalesce((args ->> 'events')::integer, 5000), 1), 5000);
  room integer := budget;
  claimed bigint[] := '{}';
  waits bigint[];
  worker smallint := 0;
  take integer;
  events integer := 0;
  failed integer := 0;
  died boolean := false;
  -- Whether more was claimed than one call can bear.
  heavy boolean;
  message text;
  waiting record;
begin
  -- recount() with repair waits for those who are at work, and they for it.
  perform pg_advisory_xact_lock_shared(hashtext('nunchi.recount'));
  for waiting in
    select q.id, cardinality(q.event_ids) as size from nunchi.event_processing_queue q
    where q.processing_status = 'pending' and (q.run_after is null or q.run_after <= clock_timestamp())
    order by q.id limit most for update skip locked
  loop
    claimed := claimed || waiting.id;
    room := room - waiting.size;
    exit when room <= 0;
  end loop;
  take := cardinality(claimed);
  if take = 0 then
    return jsonb_build_object('rows', 0, 'events', 0, 'failed', 0, 'dead', 0, 'more', false, 'next', 500,
      'waits', '[]'::jsonb);
  end if;
  while worker < 15 and not pg_try_advisory_xact_lock(hashtext('nunchi.process'), worker) loop
    worker := worker + 1;
  end loop;
  take := nunchi.process_share(claimed, budget);
  heavy := take < cardinality(claimed);
  while take = 0 loop
    perform nunchi.process_failed(claimed[1], null);
    take := nunchi.process_share(claimed[:1], budget);
  end loop;

  loop
    begin
      events := nunchi.process_rows(claimed[:take], worker);
      exit;
    exception when others then
      -- Data, constraint, cardinality, limit, raised: the classes in which an event can be at fault.
      if sqlstate !~ '^(?:21|22|23|54|P0)' then
        raise;
      end if;
      message := left(format('%s (%s)', sqlerrm, sqlstate), 500);
    end;
    failed := failed + 1;
    if take = 1 then
      died := nunchi.process_failed(claimed[1], message);
      exit;
    end if;
    take := take / 2;
  end loop;

  if events = 0 and failed > 0 then
    take := 0;
  end if;
  select coalesce(array_agg(floor(extract(epoch from clock_timestamp() - q.created_at) * 1000)::bigint), '{}')
  into waits from nunchi.event_processing_queue q where q.id = any (claimed[:take]) and q.retry_count = 0;
  insert into nunchi.processing_minutes as m (minute, shard, calls, events, failures, latency_ms_sum, latency_ms_max)
  select date_trunc('minute', now(), 'UTC'), worker, 1, coalesce(sum(cardinality(q.event_ids)), 0), failed,
    coalesce(sum(w.ms * cardinality(q.event_ids)), 0), coalesce(max(w.ms), 0)
  from nunchi.event_processing_queue q
  cross join lateral (select case when q.retry_count = 0 then
    floor(extract(epoch from clock_timestamp() - q.created_at) * 1000)::bigint end as ms) w
  where q.id = any (claimed[:take])
  on conflict (minute, shard) do update set calls = m.calls + 1, events = m.events + excluded.events,
    failures = m.failures + excluded.failures, latency_ms_sum = m.latency_ms_sum + excluded.latency_ms_sum,
    latency_ms_max = greatest(m.latency_ms_max, excluded.latency_ms_max);
  return jsonb_build_object('rows', take, 'events', events, 'failed', failed, 'dead', died::integer,
    'more', failed > 0 or heavy or room <= 0 or cardinality(claimed) = most,
    'next', case when failed > 0 or heavy then greatest(take, 1) else least(most * 2, 500) end, 'waits', waits);
end
$$;
revoke execute on function nunchi.process(jsonb) from public;
grant execute on function nunchi.process(jsonb) to nunchi_app;
