-- Takes what changed in an environment into its kept sums; answers whether there are any. It takes about `most` touches, and
-- no more once a second is over; what is left the job does, and result_as_of() tells. Without `most` nothing is left. Where
-- somebody else is at it, or nothing may be written (a replica), all is left. Part of summarize() and results_frame().
create or replace function nunchi.result_current(project uuid, env text, most integer default null) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '1 s';
  taken integer;
begin
  if not exists (select from nunchi.result_trackers t where t.project_id = project and t.environment = env) then
    return false;
  elsif current_setting('transaction_read_only')::boolean then
    return true;
  elsif most is null then
    perform pg_advisory_xact_lock(hashtext('nunchi.results'), hashtext(project::text));
  elsif not pg_try_advisory_xact_lock(hashtext('nunchi.results'), hashtext(project::text)) then
    return true;
  end if;
  perform nunchi.result_until(project);
  loop
    taken := nunchi.result_advance(project, env, least(most, 2000));
    most := most - taken;
    exit when taken = 0 or most <= 0 or most is not null and clock_timestamp() > deadline;
  end loop;
  return true;
end
$$;
revoke execute on function nunchi.result_current(uuid, text, integer) from public;
