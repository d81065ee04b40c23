-- The nearest 20 of each of 50 items, as { id: [[id, similarity]] }: what a page re-ranks by. Part of recommend().
create or replace function nunchi.neighbors_of(project uuid, env text, ids text[]) returns jsonb
language sql stable set search_path = '' set enable_seqscan = off set enable_hashjoin = off
set plan_cache_mode = force_generic_plan as $$
  select coalesce(jsonb_object_agg(n.item, n.near), '{}')
  from (
    select s.item, jsonb_agg(jsonb_build_array(n.neighbor, round(n.similarity::numeric, 4)) order by n.similarity desc, n.neighbor) as near
    from unnest(ids[:50]) s (item)
    cross join lateral (
      select n.neighbor, max(n.similarity * case n.source when 'content' then 0.3 else 1 end) as similarity
      from nunchi.item_neighbors n
      where n.project_id = project and n.environment = env and n.item = s.item
        -- Who is near whom is told to those alone who take part in matching.
        and not exists (select from nunchi.items i where i.project_id = project and i.environment = env and i.id = n.neighbor
          and i.type = 'person')
      group by n.neighbor order by 2 desc, 1 limit 20) n
    group by s.item
  ) n
$$;
revoke execute on function nunchi.neighbors_of(uuid, text, text[]) from public;
