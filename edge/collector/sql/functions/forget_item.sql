-- Takes away what was computed of an item that left the catalog. Part of refresh_recommendations().
create or replace function nunchi.forget_item(project uuid, env text, subject text) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
begin
  delete from nunchi.item_neighbors n where n.project_id = project and n.environment = env and n.item = subject;
  delete from nunchi.item_neighbors n where n.project_id = project and n.environment = env and n.neighbor = subject;
  delete from nunchi.item_stats t where t.project_id = project and t.environment = env and t.item = subject;
  delete from nunchi.item_popularity p where p.project_id = project and p.environment = env and p.item = subject;
end
$$;
revoke execute on function nunchi.forget_item(uuid, text, text) from public;
