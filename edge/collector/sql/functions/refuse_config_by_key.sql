-- { keyHash, mistakes } → as refuse_config(), or { error: 'key_unknown' | 'key_not_allowed' }: for a key that may
-- publish.
create or replace function nunchi.refuse_config_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.refuse_config(args || key);
end
$$;
revoke execute on function nunchi.refuse_config_by_key(jsonb) from public;
grant execute on function nunchi.refuse_config_by_key(jsonb) to nunchi_app;
