-- A unit's bucket, from 0 to 999,999, by hash version; null for a version that is not known.
create or replace function nunchi.bucket(version int, seed text, value text) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
begin
  return case version
    when 3 then (nunchi.murmur3(seed || ':' || value) * 1000000) >> 32
    when 2 then nunchi.hash_v2(seed, value) * 100
    when 1 then nunchi.hash_v1(seed, value) * 1000
  end;
end
$$;
revoke execute on function nunchi.bucket(int, text, text) from public;
