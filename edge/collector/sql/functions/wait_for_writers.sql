-- Waits until every transaction that was writing to a table when this began has ended, without keeping new ones
-- from it; false where that took longer than `patience`. Reading alone (a backup) is not waited for.
create or replace function nunchi.wait_for_writers(relation regclass, patience interval) returns boolean
language plpgsql set search_path = '' as $$
declare
  deadline constant timestamptz := clock_timestamp() + patience;
  writers text[];
begin
  select array_agg(distinct l.virtualtransaction) into writers
  from pg_catalog.pg_locks l
  where l.relation = wait_for_writers.relation and l.granted and l.pid <> pg_backend_pid()
    and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
    and l.mode in ('RowShareLock', 'RowExclusiveLock');
  while exists (
    select from pg_catalog.pg_locks l
    where l.relation = wait_for_writers.relation and l.granted and l.virtualtransaction = any (writers))
  loop
    if clock_timestamp() > deadline then
      return false;
    end if;
    perform pg_sleep(0.02);
  end loop;
  return true;
end
$$;
revoke execute on function nunchi.wait_for_writers(regclass, interval) from public;
