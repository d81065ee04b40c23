-- { projectId, environment, source, generation, detail? } → { removed, more }: ends a training. Neighbors of that source
-- from before it go, 20,000 a call; to be called again while there is `more`. Then the model is noted, and answers of
-- before are not given again. { source: 'ease', generation: null } takes a model back: lists come from cf. Run by the job.
create or replace function nunchi.finish_training(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  origin constant text := args ->> 'source';
  born constant bigint := args ->> 'generation';
  gone bigint;
begin
  delete from nunchi.item_neighbors n where n.ctid = any (array(
    select o.ctid from nunchi.item_neighbors o
    where o.project_id = project and o.environment = env and o.source = origin and (born is null or o.generation < born)
    limit 20000));
  get diagnostics gone = row_count;
  if gone = 20000 then
    return jsonb_build_object('removed', gone, 'more', true);
  end if;
  if born is null then
    delete from nunchi.recommendation_models m where m.project_id = project and m.environment = env and m.source = origin;
  else
    insert into nunchi.recommendation_models as m (project_id, environment, source, generation, detail)
    values (project, env, origin, born, coalesce(args -> 'detail', '{}'))
    on conflict (project_id, environment, source) do update
    set generation = excluded.generation, detail = excluded.detail, trained_at = clock_timestamp();
  end if;
  update nunchi.recommendation_catalogs c set version = c.version + 1, changed_at = clock_timestamp()
  where c.project_id = project and c.environment = env;
  return jsonb_build_object('removed', gone, 'more', false);
end
$$;
revoke execute on function nunchi.finish_training(jsonb) from public;
grant execute on function nunchi.finish_training(jsonb) to nunchi_app;
