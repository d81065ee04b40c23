-- { keyHash, number? } → as config_definition() of the key's project and environment, for a server key with the
-- scope config:read or config:write; { error: 'key_unknown' | 'key_not_allowed' } otherwise.
create or replace function nunchi.config_definition_by_key(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  key nunchi.api_keys;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind <> 'srv' or (key.scopes <> '{}' and not key.scopes && array['config:read', 'config:write']) then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  return nunchi.config_definition(args || jsonb_build_object('projectId', key.project_id, 'environment',
    key.environment));
end
$$;
revoke execute on function nunchi.config_definition_by_key(jsonb) from public;
grant execute on function nunchi.config_definition_by_key(jsonb) to nunchi_app;
