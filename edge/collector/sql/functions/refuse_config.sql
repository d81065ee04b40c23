-- { projectId, environment, actor, mistakes } → {}: keeps why a definition was refused, the last one of each
-- environment. Run by the owner, and for keys by refuse_config_by_key().
create or replace function nunchi.refuse_config(args jsonb) returns jsonb
language sql set search_path = '' set jit = off as $$
  insert into nunchi.config_refusals as r (project_id, environment, actor, mistakes)
  values ((args ->> 'projectId')::uuid, args ->> 'environment', args ->> 'actor',
    jsonb_path_query_array(args -> 'mistakes', '$[0 to 19]'))
  on conflict (project_id, environment) do update
  set at = excluded.at, actor = excluded.actor, mistakes = excluded.mistakes
  returning '{}'::jsonb
$$;
revoke execute on function nunchi.refuse_config(jsonb) from public;
