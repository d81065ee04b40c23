-- The types of a catalog's items, in order, with one look at the index for each. People are no items to recommend: match()
-- tells of them, by their leave. Part of recommend().
create or replace function nunchi.catalog_types(project uuid, env text) returns text[]
language sql stable set search_path = '' as $$
  with recursive t (type) as (
    (select i.type from nunchi.items i where i.project_id = project and i.environment = env and i.deleted_at is null
      order by i.type limit 1)
    union all
    select (select i.type from nunchi.items i where i.project_id = project and i.environment = env
      and i.deleted_at is null and i.type > t.type order by i.type limit 1)
    from t where t.type is not null
  )
  select coalesce(array_agg(t.type), '{}') from t where t.type is not null and t.type <> 'person'
$$;
revoke execute on function nunchi.catalog_types(uuid, text) from public;
