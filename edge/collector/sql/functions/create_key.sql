-- { projectId, environment, kind, hash, hint, plain?, scopes?, origins?, rateLimit?, internal? } → { keyId }.
-- Only the hash is kept; `plain` too for a public key, which stands in pages anyway.
create or replace function nunchi.create_key(args jsonb) returns jsonb
language sql set search_path = '' as $$
  insert into nunchi.api_keys (project_id, environment, kind, hash, hint, plain, scopes, origins, rate_limit, internal)
  values ((args ->> 'projectId')::uuid, args ->> 'environment', args ->> 'kind', args ->> 'hash', args ->> 'hint',
    case when args ->> 'kind' = 'pub' then args ->> 'plain' end,
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'scopes', 'null'), '[]'))),
    array(select jsonb_array_elements_text(coalesce(nullif(args -> 'origins', 'null'), '[]'))),
    (args ->> 'rateLimit')::integer, coalesce((args ->> 'internal')::boolean, false))
  returning jsonb_build_object('keyId', id::text)
$$;
revoke execute on function nunchi.create_key(jsonb) from public;
