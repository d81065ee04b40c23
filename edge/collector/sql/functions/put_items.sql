-- Writes items of a catalog and answers as set_items() says. Part of set_items() and set_items_of(). An item that says
-- what it said before changes nothing: neither its row nor what is computed from it.
create or replace function nunchi.put_items(project uuid, env text, given jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  rejected jsonb;
  changed text[];
  good integer;
begin
  if jsonb_typeof(given) is distinct from 'array' or jsonb_array_length(given) > 1000 then
    raise invalid_parameter_value using message = 'items must be a list of at most 1,000.';
  end if;
  -- One writer of a catalog at a time: two with the same items would wait for each other.
  perform pg_advisory_xact_lock(hashtext('nunchi.put_items'), hashtext(project::text || env));
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('index', g.n - 1,
      'id', case when jsonb_typeof(g.item) = 'object' then left(g.item ->> 'id', 200) end,
      'code', 'item_invalid', 'detail', m.mistake ->> 'detail', 'fix', m.mistake ->> 'fix')) order by g.n)
      filter (where m.mistake is not null), '[]'), count(*) filter (where m.mistake is null)
  into rejected, good
  from jsonb_array_elements(given) with ordinality g (item, n)
  cross join lateral (select nunchi.item_mistake(g.item) as mistake offset 0) m;

  with good as (
    -- Of an id that is named twice the last holds.
    select distinct on (g.item ->> 'id') g.item ->> 'id' as id, g.item, encode(sha256(convert_to(g.item::text, 'UTF8')), 'hex') as hash
    from jsonb_array_elements(given) with ordinality g (item, n)
    cross join lateral (select nunchi.item_mistake(g.item) as mistake offset 0) m
    where m.mistake is null
    order by g.item ->> 'id', g.n desc
  ), put as (
    insert into nunchi.items as i (project_id, environment, id, type, title, url, image, tags, text, attributes,
      available, hash)
    select project, env, g.id, g.item ->> 'type', g.item ->> 'title', g.item ->> 'url', g.item ->> 'image',
      array(select distinct t from jsonb_array_elements_text(coalesce(g.item -> 'tags', '[]')) t order by t),
      g.item ->> 'text', coalesce(g.item -> 'attributes', '{}'), coalesce((g.item -> 'available')::boolean, true), g.hash
    from good g order by g.id
    on conflict (project_id, environment, id) do update
    set type = excluded.type, title = excluded.title, url = excluded.url, image = excluded.image, tags = excluded.tags,
      text = excluded.text, attributes = excluded.attributes, available = excluded.available, hash = excluded.hash,
      updated_at = clock_timestamp(), deleted_at = null,
      created_at = case when i.deleted_at is null then i.created_at else clock_timestamp() end
    where i.hash <> excluded.hash or i.deleted_at is not null
    returning i.id
  )
  select coalesce(array_agg(p.id order by p.id), '{}') into changed from put p;
  perform nunchi.items_changed(project, env, changed);
  return jsonb_build_object('accepted', good, 'unchanged', good - cardinality(changed), 'rejected', rejected);
end
$$;
revoke execute on function nunchi.put_items(uuid, text, jsonb) from public;
