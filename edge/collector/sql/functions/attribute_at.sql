-- The value at a dotted path of the attributes; JSON null where there is none, null for a path into a list.
create or replace function nunchi.attribute_at(attributes jsonb, path text) returns jsonb
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  value jsonb := attributes;
  part text;
begin
  foreach part in array case when path = '' then array[''] else string_to_array(path, '.') end loop
    if jsonb_typeof(value) = 'array' then return null; end if;
    if jsonb_typeof(value) <> 'object' or not value ? part then return 'null'; end if;
    value := value -> part;
  end loop;
  return value;
end
$$;
revoke execute on function nunchi.attribute_at(jsonb, text) from public;
