-- { projectId, environment, kind, hash, hint, plain?, scopes?, origins?, rateLimit?, internal?, actor? } → { keyId }.
-- Only the hash is kept; `plain` too for a public key, which stands in pages anyway. One audit row.
create or replace function nunchi.create_key(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  made nunchi.api_keys;
begin
  insert into nunchi.api_keys (project_id, environment, kind, hash, hint, plain, scopes, origins, rate_limit, internal)
  values ((args ->> 'projectId')::uuid, args ->> 'environment', args ->> 'kind', args ->> 'hash', args ->> 'hint',
    case when args ->> 'kind' = 'pub' then args ->> 'plain' end,
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'scopes', 'null'), '[]'))),
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'origins', 'null'), '[]'))),
    (args ->> 'rateLimit')::integer, coalesce((args ->> 'internal')::boolean, false))
  returning * into made;
  perform nunchi.audit(made.project_id, args ->> 'actor', 'key.create', made.id::text, null,
    to_jsonb(made) - array['hash', 'plain', 'project_id', 'created_at', 'revoked_at']);
  return jsonb_build_object('keyId', made.id::text);
end
$$;
revoke execute on function nunchi.create_key(jsonb) from public;
