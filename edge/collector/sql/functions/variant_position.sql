-- The position, from 0, of an experiment's variant by its key; -1 where it has none of that key.
create or replace function nunchi.variant_position(experiment jsonb, variant text) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  for i in 0 .. jsonb_array_length(experiment -> 'variants') - 1 loop
    if experiment -> 'variants' -> i ->> 'key' = variant then return i; end if;
  end loop;
  return -1;
end
$$;
revoke execute on function nunchi.variant_position(jsonb, text) from public;
