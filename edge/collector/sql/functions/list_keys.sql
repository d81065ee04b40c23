-- { projectId? } → [{ keyId, projectId, projectName, environment, kind, hint, plain, scopes, origins,
-- rateLimit, internal, createdAt, revokedAt }], oldest first; `plain` is null for server keys.
create or replace function nunchi.list_keys(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('keyId', k.id::text, 'projectId', p.id, 'projectName', p.name,
      'environment', k.environment, 'kind', k.kind, 'hint', k.hint, 'plain', k.plain, 'scopes', k.scopes,
      'origins', k.origins, 'rateLimit', k.rate_limit, 'internal', k.internal,
      'createdAt', floor(extract(epoch from k.created_at) * 1000)::bigint,
      'revokedAt', floor(extract(epoch from k.revoked_at) * 1000)::bigint) order by k.id), '[]')
  from nunchi.api_keys k join nunchi.projects p on p.id = k.project_id
  where args ->> 'projectId' is null or k.project_id = (args ->> 'projectId')::uuid
$$;
revoke execute on function nunchi.list_keys(jsonb) from public;
