-- { projectId, environment, … } → as recommend(). Run by the owner.
create or replace function nunchi.recommend_for(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  select nunchi.recommendations_of((args ->> 'projectId')::uuid, args ->> 'environment', args)
$$;
revoke execute on function nunchi.recommend_for(jsonb) from public;
