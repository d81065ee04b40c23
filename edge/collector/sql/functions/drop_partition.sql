-- Drops one month of events, with an audit row; answers its name, or nothing where a lock was not to be had in two
-- seconds, three times: the next run of retain() tries again. Part of retain().
create or replace function nunchi.drop_partition(name text, at timestamptz) returns text[]
language plpgsql set search_path = '' as $$
declare
  rows bigint;
begin
  -- Before the lock, since nobody writes meanwhile; of more than a million the server's own estimate will do.
  select c.reltuples::bigint into rows from pg_catalog.pg_class c where c.oid = format('nunchi.%I', name)::regclass;
  if rows < 1000000 then
    execute format('select count(*) from nunchi.%I', name) into rows;
  end if;
  for attempt in 1..3 loop
    begin
      -- Within this block alone: whoever waits for the parent's lock holds up all who come after.
      perform set_config('lock_timeout', '2s', true);
      lock table nunchi.analytics_events in access exclusive mode;
      -- Asked again under the lock: a late event may have come in meanwhile.
      if not exists (select from nunchi.retain_months(at) m where m.name = drop_partition.name) then
        return '{}';
      end if;
      execute format('drop table nunchi.%I', name);
      perform nunchi.audit(null, 'job:retention', 'retention.drop', name, jsonb_build_object('rows', rows), null);
      return array[name];
    exception when lock_not_available then
      perform pg_sleep(0.2 * attempt * (0.5 + random()));
    end;
  end loop;
  return '{}';
end
$$;
revoke execute on function nunchi.drop_partition(text, timestamptz) from public;
