-- { keyHash } → as list_metrics(), or { error: 'key_unknown' | 'key_not_allowed' }: the project is the key's, which needs
-- the scope config:read or config:write.
create or replace function nunchi.list_metrics_by_key(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:read', 'config:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.list_metrics(key);
end
$$;
revoke execute on function nunchi.list_metrics_by_key(jsonb) from public;
grant execute on function nunchi.list_metrics_by_key(jsonb) to nunchi_app;
