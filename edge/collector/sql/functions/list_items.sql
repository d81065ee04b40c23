-- { keyHash, type?, after?, limit? = 100 } → { items: [Item], next }, or { error }: a page of the catalog by id; the key
-- needs the scope items:read or items:write.
create or replace function nunchi.list_items(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key constant jsonb := nunchi.config_key(args ->> 'keyHash', array['items:read', 'items:write']);
begin
  if key ? 'error' then
    return key;
  end if;
  return nunchi.items_page((key ->> 'projectId')::uuid, key ->> 'environment', args);
end
$$;
revoke execute on function nunchi.list_items(jsonb) from public;
grant execute on function nunchi.list_items(jsonb) to nunchi_app;
