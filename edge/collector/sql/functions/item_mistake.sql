-- What is wrong with an item of the catalog, as { field, detail, fix }; null where nothing is. Part of put_items().
create or replace function nunchi.item_mistake(item jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('field', m.field, 'detail', m.detail, 'fix', m.fix)
  from (
    select '' as field, 'It is no JSON object.' as detail, 'Send items such as { "id", "type", "title" }.' as fix
    where coalesce(jsonb_typeof(item), 'null') <> 'object'
    union all
    select f.name, format('%s must be a text of 1 to %s characters.', f.name, f.most),
      format('Give the item a %s.', f.name)
    from (values ('id', 200), ('type', 100), ('title', 500)) f (name, most)
    where jsonb_typeof(item) = 'object' and (jsonb_typeof(item -> f.name) = 'string'
      and length(item ->> f.name) between 1 and f.most) is not true
    union all
    select f.name, format('%s must be %s.', f.name, f.what), format('Mend or leave away %s.', f.name)
    from (values ('url', 'string', 'a text'), ('image', 'string', 'a text'), ('text', 'string', 'a text'),
      ('tags', 'array', 'a list of texts'), ('attributes', 'object', 'an object'), ('available', 'boolean', 'true or false'))
      f (name, kind, what)
    where jsonb_typeof(item) = 'object' and item ? f.name and jsonb_typeof(item -> f.name) <> f.kind
    union all
    select 'tags', 'tags must be at most 100 texts of 1 to 200 characters.', 'Mend or leave away tags.'
    where jsonb_typeof(item) = 'object' and jsonb_typeof(item -> 'tags') = 'array' and (jsonb_array_length(item -> 'tags') > 100
      or exists (select from jsonb_array_elements(item -> 'tags') t
        where (jsonb_typeof(t) = 'string' and length(t #>> '{}') between 1 and 200) is not true))
    union all
    select 'attributes', 'attributes must be at most 16 kB as JSON.', 'Leave away what is not asked for.'
    where jsonb_typeof(item) = 'object' and octet_length((item -> 'attributes')::text) > 16384
  ) m limit 1
$$;
revoke execute on function nunchi.item_mistake(jsonb) from public;
