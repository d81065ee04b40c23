-- JavaScript's === of two values of JSON: lists and objects never equal; null for numbers that it would round away.
create or replace function nunchi.same_value(one jsonb, other jsonb) returns boolean
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  kind constant text := jsonb_typeof(one);
begin
  if kind <> jsonb_typeof(other) or kind in ('array', 'object') then return false; end if;
  if kind <> 'number' then return one = other; end if;
  return nunchi.json_number(one) = nunchi.json_number(other);
end
$$;
revoke execute on function nunchi.same_value(jsonb, jsonb) from public;
