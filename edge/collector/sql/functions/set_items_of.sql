-- { projectId, environment, items } → as set_items(). Run by the owner.
create or replace function nunchi.set_items_of(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  select nunchi.put_items((args ->> 'projectId')::uuid, args ->> 'environment', args -> 'items')
$$;
revoke execute on function nunchi.set_items_of(jsonb) from public;
