-- { projectId, environment, type?, after?, limit? } → as list_items(). Run by the owner.
create or replace function nunchi.list_items_of(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  select nunchi.items_page((args ->> 'projectId')::uuid, args ->> 'environment', args)
$$;
revoke execute on function nunchi.list_items_of(jsonb) from public;
