-- Writes an item's neighbors of one source, nearest first, into its own list (the first 100) and into those of its
-- neighbors. Part of refresh_recommendations(). Those lists take it which `takes` says, and those that had it before.
create or replace function nunchi.write_near(project uuid, env text, subject text, origin text, others text[],
  likeness double precision[], behind double precision[], takes boolean[], at bigint) returns void
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
  from unnest(others, likeness, behind, takes) o (id, similarity, support, takes)
  where o.takes or exists (select from nunchi.item_neighbors r where r.project_id = project and r.environment = env
    and r.item = o.id and r.source = origin and r.neighbor = subject)
  order by o.id
  on conflict (project_id, environment, item, source, neighbor) do update
  set similarity = excluded.similarity, support = excluded.support, generation = excluded.generation;
end
$$;
revoke execute on function nunchi.write_near(uuid, text, text, text, text[], double precision[], double precision[], boolean[], bigint) from public;
