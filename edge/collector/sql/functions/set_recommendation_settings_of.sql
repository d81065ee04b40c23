-- { projectId, environment, definition, actor? } → { before }: what recommendations are made by; definition null takes
-- it back to the defaults. Run by the owner; the caller has validated it. Where it changes how much things weigh, all
-- items are computed anew; `events` and `weights` hold for events to come.
create or replace function nunchi.set_recommendation_settings_of(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  next constant jsonb := nullif(args -> 'definition', 'null');
  before jsonb;
  old constant jsonb := nunchi.recommendation_settings_in(project, env);
  new jsonb;
begin
  select s.definition into before from nunchi.recommendation_settings s
  where s.project_id = project and s.environment = env for update;
  if next is not distinct from before then
    return jsonb_build_object('before', before);
  end if;
  if next is null then
    delete from nunchi.recommendation_settings s where s.project_id = project and s.environment = env;
  else
    insert into nunchi.recommendation_settings as s (project_id, environment, definition) values (project, env, next)
    on conflict (project_id, environment) do update set definition = excluded.definition, updated_at = clock_timestamp();
  end if;
  new := nunchi.recommendation_settings_in(project, env);
  if exists (select from unnest(array['cap', 'halfLifeDays', 'popularityHalfLifeDays', 'networkCap', 'shrinkage']) k
    where old -> k is distinct from new -> k)
  then
    insert into nunchi.item_changes as c (project_id, environment, item, shard)
    select project, env, i.id, -1 from nunchi.items i
    where i.project_id = project and i.environment = env and i.deleted_at is null order by i.id
    on conflict (project_id, environment, item, shard) do update set since = c.since;
  end if;
  update nunchi.recommendation_catalogs c set version = c.version + 1, changed_at = clock_timestamp()
  where c.project_id = project and c.environment = env;
  perform nunchi.audit(project, args ->> 'actor', case when next is null then 'recommendations.reset' else 'recommendations.set' end,
    env, before, next);
  return jsonb_build_object('before', before);
end
$$;
revoke execute on function nunchi.set_recommendation_settings_of(jsonb) from public;
