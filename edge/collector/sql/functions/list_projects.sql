-- {} → [{ projectId, name, timezone, retentionDays, keys, createdAt }], oldest first; `keys` counts those not revoked.
create or replace function nunchi.list_projects(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', p.id, 'name', p.name, 'timezone', p.timezone, 'retentionDays', p.retention_days,
      'keys', (select count(*) from nunchi.api_keys k where k.project_id = p.id and k.revoked_at is null),
      'createdAt', floor(extract(epoch from p.created_at) * 1000)::bigint) order by p.created_at, p.name), '[]')
  from nunchi.projects p
$$;
revoke execute on function nunchi.list_projects(jsonb) from public;
