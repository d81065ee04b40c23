-- { projectId, environment, base, version, definition, config, actor, reason, subject, before, after, ramp: { id, kind, key,
-- experiment, revision, plan, coverage, reason } } → { number, version } | { error: 'config_conflict', number } | { error:
-- 'ramp_open' }. Publishes the first step as publish_config() does, and begins the ramp, in one transaction. Run by the
-- owner, and for keys by start_ramp_by_key(); the caller has validated all of it.
create or replace function nunchi.start_ramp(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := (args ->> 'projectId')::uuid;
  env constant text := args ->> 'environment';
  ramp constant jsonb := args -> 'ramp';
  published jsonb;
  moment constant timestamptz := clock_timestamp();
begin
  -- The lock of publish_config(), so that two cannot begin at once.
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('nunchi config ' || project || env, 0));
  if exists (select from nunchi.ramps r where r.project_id = project and r.environment = env
    and (r.experiment = ramp ->> 'experiment' or (r.kind, r.key) = (ramp ->> 'kind', ramp ->> 'key'))
    and r.state in ('running', 'paused'))
  then
    return jsonb_build_object('error', 'ramp_open');
  end if;
  published := nunchi.publish_config(args);
  if published ? 'error' then
    return published;
  end if;
  insert into nunchi.ramps (project_id, environment, id, kind, key, experiment, revision, plan, state, reason, actor,
    started_at)
  values (project, env, (ramp ->> 'id')::uuid, ramp ->> 'kind', ramp ->> 'key', ramp ->> 'experiment',
    (ramp ->> 'revision')::integer, ramp -> 'plan', 'running', ramp -> 'reason', args ->> 'actor', moment);
  insert into nunchi.ramp_steps (project_id, environment, ramp, step, coverage, config_number, started_at)
  values (project, env, (ramp ->> 'id')::uuid, 0, (ramp ->> 'coverage')::integer, (published ->> 'number')::bigint, moment);
  return published;
end
$$;
revoke execute on function nunchi.start_ramp(jsonb) from public;
