-- { limit? = 100 } → [{ id, events: [{ projectId, id, name, type }], retries, error, createdAt }]: what processing gave
-- up, oldest first, with its reason. A dead row has one event, whose name is null where it is gone.
create or replace function nunchi.list_dead(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', d.id::text, 'retries', d.retry_count, 'error', d.error,
      'createdAt', floor(extract(epoch from d.created_at) * 1000)::bigint,
      'events', (select jsonb_agg(jsonb_build_object('projectId', u.project_id, 'id', u.id, 'name', e.name,
          'type', e.type)) from unnest(d.project_ids, d.event_ids) u (project_id, id)
        left join nunchi.analytics_events e on e.project_id = u.project_id and e.id = u.id)) order by d.id), '[]')
  from (select * from nunchi.event_processing_queue q where q.processing_status = 'dead' order by q.id
    limit least(greatest(coalesce((args ->> 'limit')::integer, 100), 0), 10000)) d
$$;
revoke execute on function nunchi.list_dead(jsonb) from public;
