-- The text that is hashed for an attribute; empty where it has no value, null where JavaScript would write it otherwise.
create or replace function nunchi.unit_of(attributes jsonb, attribute text) returns text
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  value constant jsonb := attributes -> attribute;
  number numeric;
begin
  case jsonb_typeof(value)
    when 'string' then return value #>> '{}';
    when 'boolean' then return case when value = 'true' then 'true' else '' end;
    when 'number' then
      number := (value #>> '{}')::numeric;
      if number = 0 then return ''; end if;
      if number <> trunc(number) or abs(number) > 9007199254740991 then return null; end if;
      return trunc(number)::text;
    else return '';
  end case;
end
$$;
revoke execute on function nunchi.unit_of(jsonb, text) from public;
