-- { keyHash, … } → as set_ramp_state(), or { error: 'key_unknown' | 'key_not_allowed' }: project, environment and actor are the
-- key's, which needs the scope config:write.
create or replace function nunchi.set_ramp_state_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.set_ramp_state(args || key);
end
$$;
revoke execute on function nunchi.set_ramp_state_by_key(jsonb) from public;
grant execute on function nunchi.set_ramp_state_by_key(jsonb) to nunchi_app;
