-- { projectId, environment, after?, limit? = 1000 } → { items: [Item], next }: a page of a catalog, by id. Run by the job.
create or replace function nunchi.training_items(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select nunchi.items_page((args ->> 'projectId')::uuid, args ->> 'environment', jsonb_build_object('limit', 1000) || args)
$$;
revoke execute on function nunchi.training_items(jsonb) from public;
grant execute on function nunchi.training_items(jsonb) to nunchi_app;
