-- { projectId, environment, kind, key, to: 'running' | 'paused' | 'stopped', reason, actor } → { ramp } | { error:
-- 'ramp_not_found' } | { error: 'ramp_not_allowed', state }: resumes, pauses or stops the newest ramp of a flag or
-- experiment, with a row in the audit log; the config in force stays as it is. Run by the owner, and for keys by
-- set_ramp_state_by_key().
create or replace function nunchi.set_ramp_state(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := (args ->> 'projectId')::uuid;
  env constant text := args ->> 'environment';
  next constant text := args ->> 'to';
  one nunchi.ramps;
begin
  select * into one from nunchi.ramps r
  where r.project_id = project and r.environment = env and r.kind = args ->> 'kind' and r.key = args ->> 'key'
  order by r.started_at desc limit 1 for update;
  if one.id is null then
    return jsonb_build_object('error', 'ramp_not_found');
  end if;
  if next = one.state or one.state not in ('running', 'paused') or next not in ('running', 'paused', 'stopped') then
    return jsonb_build_object('error', 'ramp_not_allowed', 'state', one.state);
  end if;
  update nunchi.ramps r set state = next, reason = args -> 'reason', turn = r.turn + 1, updated_at = clock_timestamp(),
    next_look_at = clock_timestamp(), ended_at = case when next = 'stopped' then clock_timestamp() end
  where r.project_id = project and r.environment = env and r.id = one.id;
  perform nunchi.audit(project, args ->> 'actor',
    case next when 'running' then 'ramp.resume' when 'paused' then 'ramp.pause' else 'ramp.stop' end,
    env || '/' || one.kind || '/' || one.key, jsonb_build_object('state', one.state, 'step', one.step),
    jsonb_build_object('state', next, 'step', one.step));
  return jsonb_build_object('ramp', nunchi.ramp_told(one.id));
end
$$;
revoke execute on function nunchi.set_ramp_state(jsonb) from public;
