-- What others are shown of a person: never what they look for (`wants`), nor the attributes that they keep to themselves
-- (`private`, a list of names, or one name) and that matching alone reads. Where `private` is anything else, nobody can tell
-- what was meant: no attribute is shown. Part of match().
create or replace function nunchi.match_profile(person nunchi.items) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_strip_nulls(jsonb_build_object('id', person.id, 'title', person.title, 'url', person.url, 'image', person.image))
    || jsonb_build_object('tags', person.tags, 'attributes', case coalesce(jsonb_typeof(person.attributes -> 'private'), 'array')
      when 'array' then (person.attributes - array['wants', 'private'])
        - coalesce(array(select jsonb_array_elements_text(coalesce(person.attributes -> 'private', '[]'))), '{}')
      when 'string' then (person.attributes - array['wants', 'private']) - (person.attributes ->> 'private')
      else '{}' end)
$$;
revoke execute on function nunchi.match_profile(nunchi.items) from public;
