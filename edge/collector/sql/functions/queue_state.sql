-- {} → { waiting, oldestMs, dead, minutes: { calls, events, failures, latencyMs, latencyMaxMs } }: the queue (counted up
-- to 10,000) and how processing went in the last ten minutes; `latencyMs` is the average over events, null without any.
create or replace function nunchi.queue_state(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select jsonb_build_object(
    'waiting', (select count(*) from (select from nunchi.event_processing_queue q
      where q.processing_status = 'pending' limit 10000) w),
    'oldestMs', (select coalesce(floor(extract(epoch from clock_timestamp() - min(w.created_at)) * 1000)::bigint, 0)
      from (select q.created_at from nunchi.event_processing_queue q where q.processing_status = 'pending'
        order by q.id limit 10000) w),
    'dead', (select count(*) from (select from nunchi.event_processing_queue q
      where q.processing_status = 'dead' limit 10000) d),
    'minutes', (select jsonb_build_object('calls', coalesce(sum(m.calls), 0), 'events', coalesce(sum(m.events), 0),
        'failures', coalesce(sum(m.failures), 0), 'latencyMs', round(sum(m.latency_ms_sum) / nullif(sum(m.events), 0), 1),
        'latencyMaxMs', coalesce(max(m.latency_ms_max), 0))
      from nunchi.processing_minutes m where m.minute >= now() - interval '10 minutes'))
$$;
revoke execute on function nunchi.queue_state(jsonb) from public;
grant execute on function nunchi.queue_state(jsonb) to nunchi_app;
