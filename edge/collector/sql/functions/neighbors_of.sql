-- The nearest 20 of each of 50 items, as { id: [[id, similarity]] }: what a page re-ranks by. Part of recommend(). In plpgsql,
-- whose plans are kept: before Postgres 18 SQL plans anew at each call.
create or replace function nunchi.neighbors_of(project uuid, env text, ids text[]) returns jsonb
language plpgsql stable set search_path = '' set enable_seqscan = off set enable_hashjoin = off
set plan_cache_mode = force_generic_plan as $$
begin
  return (select coalesce(jsonb_object_agg(n.item, n.near), '{}')
  from (
    select s.item, jsonb_agg(jsonb_build_array(n.neighbor, round(n.similarity::numeric, 4)) order by n.similarity desc, n.neighbor) as near
    from unnest(ids[:50]) s (item)
    cross join lateral (
      select r.neighbor, max(r.similarity) as similarity
      from (
        (select n.item as neighbor, n.similarity from nunchi.item_neighbors n
          where n.project_id = project and n.environment = env and n.neighbor = s.item and n.source = 'cf'
          order by n.similarity desc, n.item limit 20)
        union all
        (select n.item, n.similarity * 0.3 from nunchi.item_neighbors n
          where n.project_id = project and n.environment = env and n.neighbor = s.item and n.source = 'content'
          order by n.similarity desc, n.item limit 20)) r
      -- Who is near whom is told to those alone who take part in matching.
      where not (select exists (select from nunchi.items i where i.project_id = project and i.environment = env
          and i.type = 'person' and i.deleted_at is null))
        or not exists (select from nunchi.items i where i.project_id = project and i.environment = env
          and i.id = r.neighbor and i.type = 'person')
      group by r.neighbor order by 2 desc, 1 limit 20) n
    group by s.item
  ) n);
end
$$;
revoke execute on function nunchi.neighbors_of(uuid, text, text[]) from public;
