-- Whether attributes meet a condition, as far as SQL decides exactly as JavaScript does; null where it may not.
create or replace function nunchi.matches_condition(condition jsonb, attributes jsonb) returns boolean
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  key text;
  operand jsonb;
  one boolean;
  yes int;
  unknown int;
  result boolean := true;
begin
  -- Nothing stops at the first answer: one part that is unknown makes the whole unknown, whatever the others say.
  for key, operand in select * from jsonb_each(condition) loop
    if key in ('$and', '$or') then
      select count(*) filter (where answer), count(*) filter (where answer is null) into yes, unknown
      from (
        select nunchi.matches_condition(item, attributes) as answer
        from jsonb_array_elements(operand) as items(item)
      ) as answers;
      if unknown > 0 then return null; end if;
      one := case
        when key = '$and' then yes = jsonb_array_length(operand)
        else yes > 0 or operand = '[]'
      end;
    elsif key = '$not' then
      one := not nunchi.matches_condition(operand, attributes);
    elsif key like '$%' and key <> '$groups' then
      return null;
    else
      one := nunchi.matches_value(operand, nunchi.attribute_at(attributes, key));
    end if;
    if one is null then return null; end if;
    result := result and one;
  end loop;
  return result;
end
$$;
revoke execute on function nunchi.matches_condition(jsonb, jsonb) from public;
