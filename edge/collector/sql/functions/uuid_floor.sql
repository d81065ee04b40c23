-- The smallest id whose 48 bits hold this time: a partition's bound, and where a question about time prunes.
create or replace function nunchi.uuid_floor(at timestamptz) returns uuid
language sql immutable strict parallel safe set search_path = '' as $$
  select rpad(lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;
revoke execute on function nunchi.uuid_floor(timestamptz) from public;
grant execute on function nunchi.uuid_floor(timestamptz) to nunchi_reader;
