-- What becomes of a row of the queue that fails by itself. Of several events it is parted in two, which are tried
-- at once, until the bad event is alone; that one is tried again after 5 s, 10 s, 20 s and so on, and is dead after
-- the eighth failure. Part of process(), which parts a row that is too much for one call this way too, without a
-- reason; answers whether the row is dead now.
create or replace function nunchi.process_failed(queued bigint, reason text) returns boolean
language plpgsql set search_path = '' as $$
declare
  failed nunchi.event_processing_queue;
  half integer;
begin
  select * into strict failed from nunchi.event_processing_queue q where q.id = queued;
  half := cardinality(failed.event_ids) / 2;
  if half > 0 then
    insert into nunchi.event_processing_queue (project_ids, event_ids, retry_count, created_at, error)
    values (failed.project_ids[half + 1:], failed.event_ids[half + 1:], failed.retry_count, failed.created_at, reason);
    update nunchi.event_processing_queue q
    set project_ids = failed.project_ids[:half], event_ids = failed.event_ids[:half], error = reason
    where q.id = queued;
    return false;
  end if;
  update nunchi.event_processing_queue q set retry_count = failed.retry_count + 1, error = reason,
    processing_status = case when failed.retry_count + 1 >= 8 then 'dead' else 'pending' end,
    run_after = clock_timestamp() + make_interval(secs => 5 * 2 ^ failed.retry_count)
  where q.id = queued;
  return failed.retry_count + 1 >= 8;
end
$$;
revoke execute on function nunchi.process_failed(bigint, text) from public;
