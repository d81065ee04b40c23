-- A page of a catalog, by id: { items: [Item], next }; `next` is the next page's `after`, or null. Part of
-- list_items() and list_items_of().
create or replace function nunchi.items_page(project uuid, env text, args jsonb) returns jsonb
language sql stable set search_path = '' as $$
  with page as (
    select i.* from nunchi.items i
    where i.project_id = project and i.environment = env and i.deleted_at is null
      and (args ->> 'type' is null or i.type = args ->> 'type') and (args ->> 'after' is null or i.id > args ->> 'after')
    order by i.id limit least(greatest(coalesce((args ->> 'limit')::integer, 100), 1), 1000)
  )
  select jsonb_build_object('items', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', p.id, 'type', p.type,
      'title', p.title, 'url', p.url, 'image', p.image, 'text', p.text)) || jsonb_build_object('tags', p.tags,
      'attributes', p.attributes, 'available', p.available) order by p.id), '[]'),
    'next', case when count(*) = least(greatest(coalesce((args ->> 'limit')::integer, 100), 1), 1000) then max(p.id) end)
  from page p
$$;
revoke execute on function nunchi.items_page(uuid, text, jsonb) from public;
