-- { months? } → { created: [name], moved }: makes the months of analytics_events that are missing, from the
-- oldest that an event may still belong to until `months` (default 3, at most 24) ahead. Rows of a new month that wait
-- in the default partition move in the same transaction. Where a lock is not to be had in two seconds it
-- lets go, waits and tries again, five times.
create or replace function nunchi.make_partitions(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  month timestamptz := date_trunc('month', now() - interval '32 days', 'UTC');
  last constant timestamptz := date_trunc('month', now(), 'UTC')
    + make_interval(months => least(coalesce((args ->> 'months')::integer, 3), 24));
  created text[] := '{}';
  moved bigint := 0;
begin
  while month <= last loop
    if to_regclass(nunchi.partition_name(month)) is null then
      for attempt in 1..5 loop
        begin
          moved := moved + nunchi.make_partition(month);
          created := created || nunchi.partition_name(month);
          exit;
        exception when lock_not_available then
          if attempt = 5 then
            raise;
          end if;
          perform pg_sleep(0.2 * attempt * (0.5 + random()));
        end;
      end loop;
    end if;
    month := month + interval '1 month';
  end loop;
  return jsonb_build_object('created', created, 'moved', moved);
end
$$;
revoke execute on function nunchi.make_partitions(jsonb) from public;
grant execute on function nunchi.make_partitions(jsonb) to nunchi_app;
