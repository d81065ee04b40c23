-- { keyHash, … } → as read_ramp(), or { error: 'key_unknown' | 'key_not_allowed' }: project, environment and actor are the
-- key's, which needs the scope config:read or config:write.
create or replace function nunchi.read_ramp_by_key(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:read', 'config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.read_ramp(args || key);
end
$$;
revoke execute on function nunchi.read_ramp_by_key(jsonb) from public;
grant execute on function nunchi.read_ramp_by_key(jsonb) to nunchi_app;
