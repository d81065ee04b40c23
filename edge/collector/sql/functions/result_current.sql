-- Takes what changed in an environment into its kept sums; answers whether they tell the present state. Where nothing may
-- be written (a replica) they do only if nothing changed. Part of summarize() and results_frame().
create or replace function nunchi.result_current(project uuid, env text) returns boolean
language plpgsql set search_path = '' set jit = off as $$
begin
  if not exists (select from nunchi.result_trackers t where t.project_id = project and t.environment = env) then
    return false;
  end if;
  if current_setting('transaction_read_only')::boolean then
    return not exists (select from nunchi.result_touches t where t.project_id = project and t.environment = env
      and t.due <= clock_timestamp());
  end if;
  perform pg_advisory_xact_lock(hashtext('nunchi.results'), hashtext(project::text));
  perform nunchi.result_until(project);
  while nunchi.result_advance(project, env, 2000) > 0 loop
    null;
  end loop;
  return true;
end
$$;
revoke execute on function nunchi.result_current(uuid, text) from public;
