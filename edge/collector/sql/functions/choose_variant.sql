-- The position of the arm that a bucket falls into, -1 outside: by the experiment's ranges, or by weights and coverage.
create or replace function nunchi.choose_variant(experiment jsonb, bucket int) returns int
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  variants constant jsonb := experiment -> 'variants';
  coverage constant bigint := coalesce((experiment ->> 'coverage')::bigint, 1000000);
  total bigint := 0;
  sum bigint := 0;
  low bigint;
  high bigint := 0;
begin
  if experiment ? 'ranges' then return nunchi.in_ranges(bucket, experiment -> 'ranges'); end if;
  for i in 0 .. jsonb_array_length(variants) - 1 loop
    total := total + (variants -> i ->> 'weight')::bigint;
  end loop;
  for i in 0 .. jsonb_array_length(variants) - 1 loop
    low := high;
    sum := sum + (variants -> i ->> 'weight')::bigint;
    -- Bounds are rounded to the nearest bucket, coverage down; integers only.
    high := (2000000 * sum + total) / greatest(2 * total, 1);
    if bucket >= low and bucket < low + coverage * (high - low) / 1000000 then return i; end if;
  end loop;
  return -1;
end
$$;
revoke execute on function nunchi.choose_variant(jsonb, int) from public;
