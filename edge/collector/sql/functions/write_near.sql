-- Writes an item's neighbors of one source, nearest first, into its own list (the first 100) and into those of its
-- neighbors. Part of refresh_recommendations(). A list of theirs takes it where it has room, or something farther.
create or replace function nunchi.write_near(project uuid, env text, subject text, origin text, others text[],
  likeness double precision[], behind double precision[], at bigint) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
begin
  delete from nunchi.item_neighbors n where n.project_id = project and n.environment = env and n.item = subject
    and n.source = origin and n.neighbor <> all (others[:100]);
  delete from nunchi.item_neighbors n where n.project_id = project and n.environment = env and n.neighbor = subject
    and n.source = origin and n.item <> all (others);
  insert into nunchi.item_neighbors as n (project_id, environment, item, source, neighbor, similarity, support, generation)
  select project, env, subject, origin, o.id, o.similarity, o.support, at
  from unnest(others[:100], likeness, behind) o (id, similarity, support) where o.id is not null order by o.id
  on conflict (project_id, environment, item, source, neighbor) do update
  set similarity = excluded.similarity, support = excluded.support, generation = excluded.generation;
  insert into nunchi.item_neighbors as n (project_id, environment, item, source, neighbor, similarity, support, generation)
  select project, env, o.id, origin, subject, o.similarity, o.support, at
  from unnest(others, likeness, behind) with ordinality o (id, similarity, support, rank)
  where exists (select from nunchi.item_neighbors r where r.project_id = project and r.environment = env
      and r.item = o.id and r.source = origin and r.neighbor = subject)
    or o.rank <= 100 and not exists (
      -- The hundredth of the other's list.
      select from (select r.similarity from nunchi.item_neighbors r where r.project_id = project and r.environment = env
        and r.item = o.id and r.source = origin order by r.similarity desc offset 99 limit 1) last
      where last.similarity >= o.similarity)
  order by o.id
  on conflict (project_id, environment, item, source, neighbor) do update
  set similarity = excluded.similarity, support = excluded.support, generation = excluded.generation;
end
$$;
revoke execute on function nunchi.write_near(uuid, text, text, text, text[], double precision[], double precision[], bigint) from public;
