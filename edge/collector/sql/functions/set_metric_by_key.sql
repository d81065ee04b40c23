-- { keyHash, key, definition } → as set_metric(), or { error: 'key_unknown' | 'key_not_allowed' }: project and actor are
-- the key's, which needs the scope config:write.
create or replace function nunchi.set_metric_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  who constant jsonb := nunchi.config_key(args ->> 'keyHash', array['config:write']);
begin
  if who ? 'error' then
    return who;
  end if;
  return nunchi.set_metric(args || who);
end
$$;
revoke execute on function nunchi.set_metric_by_key(jsonb) from public;
grant execute on function nunchi.set_metric_by_key(jsonb) to nunchi_app;
