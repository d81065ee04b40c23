-- Counts events by the day of their arrival into quality_days. Part of processing, once for each event and in the
-- transaction of its other effects. Each worker adds into rows of its own shard; as in process_facts() the join is
-- held to look-ups by key.
create or replace function nunchi.note_quality(projects uuid[], ids uuid[], worker smallint) returns void
language sql set search_path = '' set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
set jit = off as $$
  insert into nunchi.quality_days as q
    (project_id, environment, day, shard, events, bots, internal, late, skewed, clock_suspect)
  select e.project_id, e.environment, (e.received_at at time zone 'UTC')::date, worker, count(*),
    count(*) filter (where e.bot), count(*) filter (where e.internal),
    count(*) filter (where e.received_at - e.occurred_at >= interval '1 hour'),
    count(*) filter (where abs(e.skew_ms) > 60000), count(*) filter (where e.clock_suspect)
  from unnest(projects, ids) u (project_id, id)
  join nunchi.analytics_events e on e.project_id = u.project_id and e.id = u.id
  group by 1, 2, 3
  -- One order for everyone, so that two workers cannot deadlock.
  order by 1, 2, 3
  on conflict (project_id, environment, day, shard) do update set events = q.events + excluded.events,
    bots = q.bots + excluded.bots, internal = q.internal + excluded.internal, late = q.late + excluded.late,
    skewed = q.skewed + excluded.skewed, clock_suspect = q.clock_suspect + excluded.clock_suspect
$$;
revoke execute on function nunchi.note_quality(uuid[], uuid[], smallint) from public;
