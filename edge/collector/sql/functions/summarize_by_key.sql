-- { keyHash, … } → as summarize(), or { error: 'key_unknown' | 'key_not_allowed' }: project and environment are the
-- key's, which needs the scope results:read.
create or replace function nunchi.summarize_by_key(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['results:read']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.summarize(args || key);
end
$$;
revoke execute on function nunchi.summarize_by_key(jsonb) from public;
grant execute on function nunchi.summarize_by_key(jsonb) to nunchi_app;
