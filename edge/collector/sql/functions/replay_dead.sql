-- { id? } → { replayed }: hands what processing gave up back to it, one row or all, as if it had never failed.
create or replace function nunchi.replay_dead(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  replayed bigint;
begin
  update nunchi.event_processing_queue q set processing_status = 'pending', retry_count = 0, run_after = null
  where q.processing_status = 'dead' and (args ->> 'id' is null or q.id = (args ->> 'id')::bigint);
  get diagnostics replayed = row_count;
  return jsonb_build_object('replayed', replayed);
end
$$;
revoke execute on function nunchi.replay_dead(jsonb) from public;
