-- FNV-1a, 32 bits, over a text's UTF-16 code units: what GrowthBook's hash versions 1 and 2 are made of.
create or replace function nunchi.fnv1a(value text) returns bigint
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  hash bigint := 2166136261;
  code int;
begin
  for i in 1 .. length(value) loop
    code := ascii(substr(value, i, 1));
    if code > 65535 then
      hash := ((hash # (55296 + ((code - 65536) >> 10))) * 16777619) & 4294967295;
      code := 56320 + ((code - 65536) & 1023);
    end if;
    hash := ((hash # code) * 16777619) & 4294967295;
  end loop;
  return hash;
end
$$;
revoke execute on function nunchi.fnv1a(text) from public;
