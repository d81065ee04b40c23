-- GrowthBook's first hash, in parts of a thousand: fnv1a(value, seed) mod 1000.
create or replace function nunchi.hash_v1(seed text, value text) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  return nunchi.fnv1a(value || seed) % 1000;
end
$$;
revoke execute on function nunchi.hash_v1(text, text) from public;
