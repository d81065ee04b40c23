-- { months: ["2024-03", …] } → { created: [name], moved }: makes the partitions of past months that an import is
-- about to write into; at most 20 years back. Months that stand already are left alone.
create or replace function nunchi.make_months(args jsonb) returns jsonb
language plpgsql set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  month timestamptz;
  created text[] := '{}';
  moved bigint := 0;
begin
  for month in select distinct to_date(m, 'YYYY-MM')::timestamptz from jsonb_array_elements_text(args -> 'months') m order by 1 loop
    if month < now() - interval '241 months' or month > now() then
      raise invalid_parameter_value using message = format('%s is not one of the last 240 months.', to_char(month, 'YYYY-MM'));
    end if;
    for attempt in 1..5 loop
      begin
        if to_regclass(nunchi.partition_name(month)) is null then
          moved := moved + nunchi.make_partition(month);
          created := created || nunchi.partition_name(month);
        end if;
        exit;
      exception when lock_not_available then
        if attempt = 5 then
          raise;
        end if;
        perform pg_sleep(0.2 * attempt * (0.5 + random()));
      end;
    end loop;
  end loop;
  return jsonb_build_object('created', created, 'moved', moved);
end
$$;
revoke execute on function nunchi.make_months(jsonb) from public;
