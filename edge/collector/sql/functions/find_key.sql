-- { hash } → { keyId, projectId, projectName, environment, kind, scopes, origins, rateLimit, internal } | null.
-- Null where the key is unknown or revoked; the two are not told apart.
create or replace function nunchi.find_key(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select jsonb_build_object('keyId', k.id::text, 'projectId', p.id, 'projectName', p.name,
    'environment', k.environment, 'kind', k.kind, 'scopes', k.scopes, 'origins', k.origins,
    'rateLimit', k.rate_limit, 'internal', k.internal)
  from nunchi.api_keys k join nunchi.projects p on p.id = k.project_id
  where k.hash = args ->> 'hash' and k.revoked_at is null
$$;
revoke execute on function nunchi.find_key(jsonb) from public;
grant execute on function nunchi.find_key(jsonb) to nunchi_app;
