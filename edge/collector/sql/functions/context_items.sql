-- The items of a context, 50 at most: those that it names, else those shown on its page (its address whole, without what
-- follows ? or #, or its path alone). Part of recommend(). Ids that the catalog does not hold are left out.
create or replace function nunchi.context_items(project uuid, env text, context jsonb) returns text[]
language sql stable set search_path = '' set enable_seqscan = off as $$
  select coalesce(array_agg(c.id), '{}') from (
    (select i.id from jsonb_array_elements_text(case jsonb_typeof(context -> 'items') when 'array' then context -> 'items'
        else '[]' end) c (id)
      cross join lateral (select i.id from nunchi.items i where i.project_id = project and i.environment = env
        and i.id = c.id and i.deleted_at is null and i.type <> 'person' offset 0) i
      group by i.id limit 50)
    union
    (select i.id
      from (values (context ->> 'page'), (substring(context ->> 'page' from '^[^?#]*')),
        (substring(context ->> 'page' from '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)'))) p (url)
      cross join lateral (select i.id from nunchi.items i where i.project_id = project and i.environment = env
        and i.url = p.url and i.deleted_at is null and i.type <> 'person' offset 0) i
      where p.url <> '' group by i.id limit 50)
    limit 50) c
$$;
revoke execute on function nunchi.context_items(uuid, text, jsonb) from public;
