-- { keyHash, ids } → { deleted }, or { error }: takes up to 1,000 items out of the catalog; the key needs the scope
-- items:write. Unknown ids count nothing.
create or replace function nunchi.delete_items(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['items:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.remove_items((key ->> 'projectId')::uuid, key ->> 'environment', args -> 'ids');
end
$$;
revoke execute on function nunchi.delete_items(jsonb) from public;
grant execute on function nunchi.delete_items(jsonb) to nunchi_app;
