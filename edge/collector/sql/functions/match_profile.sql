-- What others are shown of a person: never what they look for (`wants`), nor the attributes that they keep to themselves
-- (`private`, a list of names) and that matching alone reads. Part of match().
create or replace function nunchi.match_profile(person nunchi.items) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_strip_nulls(jsonb_build_object('id', person.id, 'title', person.title, 'url', person.url, 'image', person.image))
    || jsonb_build_object('tags', person.tags, 'attributes', (person.attributes - array['wants', 'private'])
      - coalesce(array(select jsonb_array_elements_text(case jsonb_typeof(person.attributes -> 'private')
        when 'array' then person.attributes -> 'private' else '[]' end)), '{}'))
$$;
revoke execute on function nunchi.match_profile(nunchi.items) from public;
