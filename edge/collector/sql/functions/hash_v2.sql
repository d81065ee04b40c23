-- GrowthBook's second hash, in parts of ten thousand: fnv1a of the decimal fnv1a(seed, value), mod 10,000.
create or replace function nunchi.hash_v2(seed text, value text) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  return nunchi.fnv1a(nunchi.fnv1a(seed || value)::text) % 10000;
end
$$;
revoke execute on function nunchi.hash_v2(text, text) from public;
