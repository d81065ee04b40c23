-- { id } → [{ projectId, id, type, name, occurredAt, receivedAt }]: every row with this id (one a project).
create or replace function nunchi.find_event(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', e.project_id, 'id', e.id, 'type', e.type, 'name', e.name,
      'occurredAt', floor(extract(epoch from e.occurred_at) * 1000)::bigint,
      'receivedAt', floor(extract(epoch from e.received_at) * 1000)::bigint) order by e.project_id), '[]')
  from nunchi.projects p join nunchi.analytics_events e on e.project_id = p.id and e.id = (args ->> 'id')::uuid
$$;
revoke execute on function nunchi.find_event(jsonb) from public;
