-- { keyHash, items: [Item] } → { accepted, unchanged, rejected: [{ index, id?, code, detail, fix }] }, or { error:
-- 'key_unknown' | 'key_not_allowed' }: writes up to 1,000 items; the key needs the scope items:write. Items beside a bad
-- one are kept; the same again is `unchanged`.
create or replace function nunchi.set_items(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['items:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.put_items((key ->> 'projectId')::uuid, key ->> 'environment', args -> 'items');
end
$$;
revoke execute on function nunchi.set_items(jsonb) from public;
grant execute on function nunchi.set_items(jsonb) to nunchi_app;
