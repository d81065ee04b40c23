-- { id, turn, state, step, reason, look?: { progress, tests, decision }, publication?, before, after, action } → { turn,
-- number? } | { error: 'stale' } | { error: 'config_conflict', number } | { error: 'ramp_not_allowed' }. Writes a decision
-- in one transaction, or nothing of it: the ramp's state, a look, a step that begins, the config as publish_config() takes
-- it, one row in the audit log. `turn` is the one that was read: a decision is made once, however many make it. Of
-- the config it may change what its ramp is for, and nothing else: coverage, status and winner of its own experiment.
-- Run by the collector's worker.
create or replace function nunchi.decide_ramp(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  wanted constant uuid := (args ->> 'id')::uuid;
  publication constant jsonb := args -> 'publication';
  shown constant jsonb := args -> 'look';
  next_step constant integer := (args ->> 'step')::integer;
  next_state constant text := args ->> 'state';
  moment constant timestamptz := clock_timestamp();
  one nunchi.ramps;
  present nunchi.config_versions;
  published jsonb := '{}';
  own text[];
begin
  select * into one from nunchi.ramps r where r.id = wanted for update;
  if one.id is null or one.turn <> (args ->> 'turn')::bigint or one.state <> 'running' then
    return jsonb_build_object('error', 'stale');
  end if;
  if publication is not null then
    select * into present from nunchi.config_versions c
    where c.project_id = one.project_id and c.environment = one.environment
      and c.number = (publication ->> 'base')::bigint;
    own := array['experiments', one.experiment];
    if (publication -> 'definition') #- (own || '{coverage}'::text[]) #- (own || '{status}'::text[]) #- (own || '{winner}'::text[])
        is distinct from present.definition #- (own || '{coverage}'::text[]) #- (own || '{status}'::text[]) #- (own || '{winner}'::text[])
      or (publication -> 'config') #- '{version}' #- (own || '{coverage}'::text[]) #- (own || '{status}'::text[]) #- (own || '{winner}'::text[])
        is distinct from present.config #- '{version}' #- (own || '{coverage}'::text[]) #- (own || '{status}'::text[]) #- (own || '{winner}'::text[])
    then
      return jsonb_build_object('error', 'ramp_not_allowed');
    end if;
    published := nunchi.publish_config(publication || jsonb_build_object('projectId', one.project_id, 'environment',
      one.environment, 'actor', 'ramp:' || one.id));
    if published ? 'error' then
      return published;
    end if;
  elsif next_state <> one.state then
    perform nunchi.audit(one.project_id, 'ramp:' || one.id, args ->> 'action',
      one.environment || '/' || one.kind || '/' || one.key, args -> 'before', args -> 'after');
  end if;
  if next_step <> one.step then
    update nunchi.ramp_steps s set ended_at = moment
    where s.project_id = one.project_id and s.environment = one.environment and s.ramp = one.id and s.step = one.step;
    insert into nunchi.ramp_steps (project_id, environment, ramp, step, coverage, config_number, started_at)
    values (one.project_id, one.environment, one.id, next_step,
      coalesce((publication -> 'definition' -> 'experiments' -> one.experiment ->> 'coverage')::integer, 1000000),
      (published ->> 'number')::bigint, moment);
  end if;
  if shown is not null then
    insert into nunchi.ramp_looks (project_id, environment, ramp, look, step, progress, tests, decision)
    select one.project_id, one.environment, one.id, coalesce(max(l.look), 0) + 1, one.step,
      (shown ->> 'progress')::float8, shown -> 'tests', shown ->> 'decision'
    from nunchi.ramp_looks l
    where l.project_id = one.project_id and l.environment = one.environment and l.ramp = one.id;
  end if;
  update nunchi.ramps r set state = next_state, step = next_step, reason = args -> 'reason', turn = r.turn + 1,
    updated_at = moment, ended_at = case when next_state in ('done', 'rolled_back', 'stopped') then moment end
  where r.project_id = one.project_id and r.environment = one.environment and r.id = one.id;
  return jsonb_build_object('turn', one.turn + 1, 'number', published -> 'number');
end
$$;
revoke execute on function nunchi.decide_ramp(jsonb) from public;
grant execute on function nunchi.decide_ramp(jsonb) to nunchi_app;
