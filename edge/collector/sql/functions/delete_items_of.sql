-- { projectId, environment, ids } → as delete_items(). Run by the owner.
create or replace function nunchi.delete_items_of(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  select nunchi.remove_items((args ->> 'projectId')::uuid, args ->> 'environment', args -> 'ids')
$$;
revoke execute on function nunchi.delete_items_of(jsonb) from public;
