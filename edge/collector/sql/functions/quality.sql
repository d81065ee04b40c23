-- { projectId | keyHash, from?, to? } → { days, queue }: the quality of a project's data, by day of arrival (UTC).
-- `from` and `to` are ms since the epoch; the days of both are in it, by default the last seven.
-- days: [{ day, accepted, duplicates, retransmits, rejected: { code: n }, dropped: { reason: n }, late, bots,
--   internal, skewed, clockSuspect, latencyMs: { average, max } }], newest first, days without anything left out.
--   Of accepted are late (an hour or more after they occurred), bots, internal, skewed (a clock off by over a
--   minute), clockSuspect (over 48 hours). Latency is of all projects together; null where nothing was processed.
-- queue: { waiting, oldestSeconds, dead }: events of the project that are not in the counts yet (among 10,000
--   queue rows), and those that processing gave up.
-- Null where the key is unknown or revoked. Reads counts only, never events.
create or replace function nunchi.quality(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  project uuid := args ->> 'projectId';
  until constant date := coalesce(to_timestamp((args ->> 'to')::bigint / 1000.0), now())::date;
  since constant date := coalesce(to_timestamp((args ->> 'from')::bigint / 1000.0)::date, until - 6);
begin
  if project is null then
    select k.project_id into project from nunchi.api_keys k
    where k.hash = args ->> 'keyHash' and k.revoked_at is null;
    if project is null then
      return null;
    end if;
  end if;
  return jsonb_build_object('days', (
    with arrived as (
      select q.day, sum(q.events) as accepted, sum(q.bots) as bots, sum(q.internal) as internal, sum(q.late) as late,
        sum(q.skewed) as skewed, sum(q.clock_suspect) as suspect
      from nunchi.quality_days q where q.project_id = project and q.day between since and until
      group by q.day
    ), rejected as (
      select c.day, jsonb_object_agg(c.code, c.events) as codes from (
        select r.received_at::date as day, r.code, count(*) as events from nunchi.event_rejects r
        where r.project_id = project and r.received_at >= since and r.received_at < until + 1
        group by 1, 2
      ) c group by c.day
    ), dropped as (
      select d.day, sum(d.events) filter (where d.reason in ('retransmit', 'duplicate')) as duplicates,
        sum(d.events) filter (where d.reason = 'retransmit') as retransmits,
        jsonb_object_agg(d.reason, d.events) filter (where d.reason not in ('retransmit', 'duplicate')) as reasons
      from nunchi.sdk_drops d where d.project_id = project and d.day between since and until
      group by d.day
    ), processed as (
      select m.minute::date as day, round(sum(m.latency_ms_sum) / nullif(sum(m.events), 0)) as average,
        max(m.latency_ms_max) as most
      from nunchi.processing_minutes m where m.minute >= since and m.minute < until + 1
      group by 1
    )
    select coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'accepted', coalesce(a.accepted, 0),
        'duplicates', coalesce(x.duplicates, 0), 'retransmits', coalesce(x.retransmits, 0),
        'rejected', coalesce(r.codes, '{}'), 'dropped', coalesce(x.reasons, '{}'), 'late', coalesce(a.late, 0),
        'bots', coalesce(a.bots, 0), 'internal', coalesce(a.internal, 0), 'skewed', coalesce(a.skewed, 0),
        'clockSuspect', coalesce(a.suspect, 0),
        'latencyMs', jsonb_build_object('average', p.average, 'max', p.most)) order by d.day desc), '[]')
    from (select a.day from arrived a union select r.day from rejected r union select x.day from dropped x) d
    left join arrived a using (day)
    left join rejected r using (day)
    left join dropped x using (day)
    left join processed p using (day)
  ), 'queue', (
    select jsonb_build_object('waiting', count(*) filter (where w.status <> 'dead'),
      'oldestSeconds', coalesce(greatest(floor(extract(epoch from clock_timestamp()
        - min(w.created_at) filter (where w.status <> 'dead'))), 0), 0),
      'dead', count(*) filter (where w.status = 'dead'))
    from (
      (select q.processing_status as status, q.created_at, q.project_ids from nunchi.event_processing_queue q
      where q.processing_status = 'pending' order by q.id limit 10000)
      union all
      (select q.processing_status, q.created_at, q.project_ids from nunchi.event_processing_queue q
      where q.processing_status = 'dead' order by q.id limit 10000)
    ) w, unnest(w.project_ids) u (project_id)
    where u.project_id = project
  ));
end
$$;
revoke execute on function nunchi.quality(jsonb) from public;
