-- Makes one month's partition and moves into it what waits in the default partition; answers how many rows.
-- Part of make_partitions(). Attaching (not creating in place) leaves ingest free to write other months.
create or replace function nunchi.make_partition(month timestamptz) returns bigint
language plpgsql security definer set search_path = '' set timezone = 'UTC' as $$
declare
  name constant text := nunchi.partition_name(month);
  low constant uuid := nunchi.uuid_floor(month);
  high constant uuid := nunchi.uuid_floor(month + interval '1 month');
  moved bigint;
begin
  perform set_config('lock_timeout', '2s', true);
  -- One maker at a time; and nobody adds a row of this month to the default partition while we move them.
  perform pg_advisory_xact_lock(hashtext('nunchi.make_partition'));
  lock table nunchi.analytics_events_default in access exclusive mode;
  -- Asked only now: taking the table's lock is what makes this session see what the maker before us made.
  if to_regclass(name) is not null then
    return 0;
  end if;
  execute format('create table %s (like nunchi.analytics_events including all)', name);
  execute format('alter table %s enable row level security, force row level security', name);
  -- Forced without a policy not even the owner would see a row, and the move would move none.
  execute format('create policy owner on %s to nunchi_owner using (true) with check (true)', name);
  execute format('with moved as (delete from nunchi.analytics_events_default d where d.id >= %L and d.id < %L
    returning *) insert into %s select * from moved', low, high, name);
  get diagnostics moved = row_count;
  execute format('alter table nunchi.analytics_events attach partition %s for values from (%L) to (%L)',
    name, low, high);
  return moved;
end
$$;
revoke execute on function nunchi.make_partition(timestamptz) from public;
