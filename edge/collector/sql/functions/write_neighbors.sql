-- { projectId, environment, source: 'cf' | 'ease' | 'content', generation, rows: [{ item, neighbors: [[id, similarity,
-- support]], norm? }] } → { written }: what training found, item by item, 200 neighbors of each at most. `generation` is
-- when it began to read, in ms: what was refreshed since then stays. `norm` (of cf) is the item's product with itself as
-- of `generation`. Items that left the catalog are left out. Run by the job.
create or replace function nunchi.write_neighbors(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set enable_seqscan = off set enable_hashjoin = off set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  origin constant text := args ->> 'source';
  born constant bigint := args ->> 'generation';
  life constant double precision := 86400 * (nunchi.recommendation_settings_in(project, env) ->> 'halfLifeDays')::double precision;
  done bigint;
begin
  if origin is null or origin not in ('cf', 'ease', 'content') or born is null then
    raise invalid_parameter_value using message = 'write_neighbors() needs a source (cf, ease or content) and a generation.';
  end if;
  perform pg_advisory_xact_lock(hashtext('nunchi.refresh'), hashtext(project || env));
  delete from nunchi.item_neighbors n
  using jsonb_array_elements(args -> 'rows') r
  where n.project_id = project and n.environment = env and n.item = r ->> 'item' and n.source = origin and n.generation < born;
  insert into nunchi.item_neighbors (project_id, environment, item, source, neighbor, similarity, support, generation)
  select project, env, r.row ->> 'item', origin, n.pair ->> 0, least((n.pair ->> 1)::real, 1), coalesce((n.pair ->> 2)::real, 0), born
  from jsonb_array_elements(args -> 'rows') r (row)
  join nunchi.items i on i.project_id = project and i.environment = env and i.id = r.row ->> 'item' and i.deleted_at is null
  cross join lateral (select p.pair from jsonb_array_elements(r.row -> 'neighbors') p (pair)
    where (p.pair ->> 1)::real > 0 and p.pair ->> 0 <> r.row ->> 'item' limit 200) n
  order by 3, 5
  on conflict do nothing;
  get diagnostics done = row_count;
  if origin = 'cf' then
    insert into nunchi.item_stats as t (project_id, environment, item, norm, actors, floor, refreshed_at)
    select project, env, i.id, ln((r.row ->> 'norm')::double precision) / ln(2::double precision)
      + (born / 1000.0 - 1767225600) / life, coalesce((r.row ->> 'actors')::bigint, 0), coalesce((r.row #>> '{neighbors,99,1}')::double precision, 0), to_timestamp(born / 1000.0)
    from jsonb_array_elements(args -> 'rows') r (row)
    join nunchi.items i on i.project_id = project and i.environment = env and i.id = r.row ->> 'item' and i.deleted_at is null
    where (r.row ->> 'norm')::double precision > 0
    order by 3
    on conflict (project_id, environment, item) do update
    set norm = excluded.norm, actors = excluded.actors, floor = excluded.floor, refreshed_at = excluded.refreshed_at
    where t.refreshed_at < excluded.refreshed_at;
  end if;
  return jsonb_build_object('written', done);
end
$$;
revoke execute on function nunchi.write_neighbors(jsonb) from public;
grant execute on function nunchi.write_neighbors(jsonb) to nunchi_app;
