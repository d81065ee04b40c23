-- The position, from 0, of the first [start, end) that holds the bucket; -1 where none does.
create or replace function nunchi.in_ranges(bucket int, ranges jsonb) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  for i in 0 .. jsonb_array_length(ranges) - 1 loop
    if bucket >= (ranges -> i ->> 0)::int and bucket < (ranges -> i ->> 1)::int then return i; end if;
  end loop;
  return -1;
end
$$;
revoke execute on function nunchi.in_ranges(int, jsonb) from public;
