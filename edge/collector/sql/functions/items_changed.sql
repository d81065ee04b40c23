-- Notes that items of a catalog are new, different or gone: their words are written anew, their neighbors and
-- popularity wait to be, and no answer of before is given again. People are in no such list: of them no words are kept,
-- and what was computed while the id was a thing's is forgotten. Part of put_items() and remove_items().
create or replace function nunchi.items_changed(project uuid, env text, changed text[]) returns void
language plpgsql set search_path = '' as $$
declare
  person text;
begin
  for person in
    select i.id from nunchi.items i where i.project_id = project and i.environment = env and i.id = any (changed)
      and i.type = 'person'
  loop
    delete from nunchi.item_features f where f.project_id = project and f.environment = env and f.item = person;
    delete from nunchi.item_changes c where c.project_id = project and c.environment = env and c.item = person;
    perform nunchi.forget_item(project, env, person);
    changed := array_remove(changed, person);
  end loop;
  if changed = '{}' then
    return;
  end if;
  delete from nunchi.item_features f where f.project_id = project and f.environment = env and f.item = any (changed);
  insert into nunchi.item_features (project_id, environment, feature, item)
  select project, env, w.feature, i.id
  from nunchi.items i
  cross join lateral unnest(nunchi.item_words(jsonb_build_object('title', i.title, 'text', i.text, 'tags', i.tags,
    'attributes', i.attributes))) w (feature)
  where i.project_id = project and i.environment = env and i.id = any (changed) and i.deleted_at is null
  order by 3, 4;
  insert into nunchi.item_changes as c (project_id, environment, item, shard)
  select project, env, id, -1 from unnest(changed) id order by id
  on conflict (project_id, environment, item, shard) do update set since = c.since;
  insert into nunchi.recommendation_catalogs as c (project_id, environment, version) values (project, env, 1)
  on conflict (project_id, environment) do update set version = c.version + 1, changed_at = clock_timestamp();
end
$$;
revoke execute on function nunchi.items_changed(uuid, text, text[]) from public;
