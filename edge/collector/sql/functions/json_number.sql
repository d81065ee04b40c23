-- A number of JSON as JavaScript reads it; null where that would be no finite number, or a denormal one.
create or replace function nunchi.json_number(value jsonb) returns float8
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  number numeric;
begin
  if jsonb_typeof(value) <> 'number' then return null; end if;
  number := (value #>> '{}')::numeric;
  if abs(number) > 1e300 or (number <> 0 and abs(number) < 1e-300) then return null; end if;
  return number::float8;
end
$$;
revoke execute on function nunchi.json_number(jsonb) from public;
