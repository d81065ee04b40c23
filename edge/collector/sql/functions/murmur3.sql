-- MurmurHash3 (x86, 32 bits, seed 0) of a text's UTF-8 bytes: hash version 3, bit for bit as in the browser.
create or replace function nunchi.murmur3(value text) returns bigint
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  bytes constant bytea := convert_to(value, 'UTF8');
  size constant int := length(bytes);
  hash bigint := 0;
  word bigint := 0;
begin
  -- 32-bit products by halves: a bigint would overflow.
  for i in 0 .. size - 1 loop
    word := word | (get_byte(bytes, i)::bigint << (8 * (i & 3)));
    if (i & 3) = 3 or i = size - 1 then
      word := ((word & 65535) * 3432918353 + ((((word >> 16) * 3432918353) & 65535) << 16)) & 4294967295;
      word := ((word << 15) | (word >> 17)) & 4294967295;
      word := ((word & 65535) * 461845907 + ((((word >> 16) * 461845907) & 65535) << 16)) & 4294967295;
      hash := hash # word;
      if (i & 3) = 3 then
        hash := ((((hash << 13) | (hash >> 19)) & 4294967295) * 5 + 3864292196) & 4294967295;
      end if;
      word := 0;
    end if;
  end loop;
  hash := hash # size;
  hash := hash # (hash >> 16);
  hash := ((hash & 65535) * 2246822507 + ((((hash >> 16) * 2246822507) & 65535) << 16)) & 4294967295;
  hash := hash # (hash >> 13);
  hash := ((hash & 65535) * 3266489909 + ((((hash >> 16) * 3266489909) & 65535) << 16)) & 4294967295;
  return hash # (hash >> 16);
end
$$;
revoke execute on function nunchi.murmur3(text) from public;
