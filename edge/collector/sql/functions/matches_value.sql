-- Whether a value is what a condition asks of it; null where only JavaScript can say (see matches_condition).
create or replace function nunchi.matches_value(asked jsonb, value jsonb) returns boolean
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  operator text;
  operand jsonb;
  one boolean;
  unknown int;
  result boolean := true;
begin
  if jsonb_typeof(asked) = 'array' or asked = '{}' then return null; end if;
  if jsonb_typeof(asked) <> 'object' then return nunchi.same_value(value, asked); end if;
  for operator, operand in select * from jsonb_each(asked) loop
    case operator
      when '$eq' then one := nunchi.same_value(value, operand);
      when '$ne' then one := not nunchi.same_value(value, operand);
      when '$exists' then
        if jsonb_typeof(operand) <> 'boolean' then return null; end if;
        one := (value <> 'null') = operand::boolean;
      when '$not' then one := not nunchi.matches_value(operand, value);
      when '$in', '$nin' then
        if jsonb_typeof(operand) <> 'array' then
          one := false;
        else
          select bool_or(nunchi.same_value(item, member)), count(*) filter (where nunchi.same_value(item, member) is null)
          into one, unknown
          from jsonb_array_elements(case when jsonb_typeof(value) = 'array' then value else jsonb_build_array(value) end)
            as items(item),
            jsonb_array_elements(operand) as members(member);
          if unknown > 0 then return null; end if;
          one := coalesce(one, false) = (operator = '$in');
        end if;
      when '$lt', '$lte', '$gt', '$gte' then
        -- A missing attribute is null, and null counts as 0; other types compare as only JavaScript does.
        if value = 'null' then value := '0'; end if;
        one := case operator
          when '$lt' then nunchi.json_number(value) < nunchi.json_number(operand)
          when '$lte' then nunchi.json_number(value) <= nunchi.json_number(operand)
          when '$gt' then nunchi.json_number(value) > nunchi.json_number(operand)
          else nunchi.json_number(value) >= nunchi.json_number(operand)
        end;
      else return null;
    end case;
    if one is null then return null; end if;
    result := result and one;
  end loop;
  return result;
end
$$;
revoke execute on function nunchi.matches_value(jsonb, jsonb) from public;
