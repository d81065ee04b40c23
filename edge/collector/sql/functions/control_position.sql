-- The position, from 0, of an experiment's control; the first variant where none is named.
create or replace function nunchi.control_position(experiment jsonb) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  for i in 0 .. jsonb_array_length(experiment -> 'variants') - 1 loop
    if experiment -> 'variants' -> i -> 'isControl' = 'true' then return i; end if;
  end loop;
  return 0;
end
$$;
revoke execute on function nunchi.control_position(jsonb) from public;
