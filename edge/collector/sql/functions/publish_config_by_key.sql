-- { keyHash, … as publish_config() } → as publish_config(), or { error: 'key_unknown' | 'key_not_allowed' }.
-- Project, environment and actor come from the server key, which needs the scope config:write.
create or replace function nunchi.publish_config_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  key nunchi.api_keys;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind <> 'srv' or (key.scopes <> '{}' and not 'config:write' = any (key.scopes)) then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  return nunchi.publish_config(args || jsonb_build_object('projectId', key.project_id, 'environment',
    key.environment, 'actor', 'key:' || key.id));
end
$$;
revoke execute on function nunchi.publish_config_by_key(jsonb) from public;
grant execute on function nunchi.publish_config_by_key(jsonb) to nunchi_app;
