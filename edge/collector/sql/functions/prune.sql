-- {} → { queue, minutes }: takes away what nobody needs any more, at most 50,000 rows of each table a call. Queue rows
-- a day after they are done; figures by minute, and visitors by minute, after eight days; how processing went after
-- eight days; answers of recommendations that expired, and how many failed 90 days ago. Dead rows stay until they are replayed. recount() knows how far minutes reach.
create or replace function nunchi.prune(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  old constant timestamptz := date_trunc('minute', now() - interval '8 days', 'UTC');
  queue bigint;
  minutes bigint := 0;
  gone bigint;
begin
  delete from nunchi.event_processing_queue q where q.id = any (array(
    select d.id from nunchi.event_processing_queue d
    where d.processing_status = 'done' and d.processed_at < now() - interval '1 day'
    order by d.id limit 50000 for update skip locked));
  get diagnostics queue = row_count;
  delete from nunchi.minute_visitors m where m.ctid = any (array(
    select d.ctid from nunchi.minute_visitors d where d.minute < old limit 50000 for update skip locked));
  get diagnostics minutes = row_count;
  delete from nunchi.rollup_minutes m where m.ctid = any (array(
    select d.ctid from nunchi.rollup_minutes d where d.minute < old limit 50000 for update skip locked));
  get diagnostics gone = row_count;
  minutes := minutes + gone;
  delete from nunchi.processing_minutes m where m.minute < old;
  delete from nunchi.recommendation_cache c where c.ctid = any (array(
    select d.ctid from nunchi.recommendation_cache d where d.expires_at < now() limit 50000 for update skip locked));
  delete from nunchi.recommendation_errors e where e.hour < now() - interval '90 days';
  return jsonb_build_object('queue', queue, 'minutes', minutes);
end
$$;
revoke execute on function nunchi.prune(jsonb) from public;
grant execute on function nunchi.prune(jsonb) to nunchi_app;
