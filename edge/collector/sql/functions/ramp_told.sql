-- A ramp as it is told: { id, projectId, environment, kind, key, experiment, revision, plan, state, step, reason, turn,
-- actor, startedAt, updatedAt, endedAt, now, steps: [{ step, coverage, number, startedAt, endedAt }], looks: [{ look, step,
-- progress, tests, decision, at }] }. Times in ms. Part of the functions on ramps.
create or replace function nunchi.ramp_told(wanted uuid) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('id', r.id, 'projectId', r.project_id, 'environment', r.environment, 'kind', r.kind,
    'key', r.key, 'experiment', r.experiment, 'revision', r.revision, 'plan', r.plan, 'state', r.state, 'step', r.step,
    'reason', r.reason, 'turn', r.turn, 'actor', r.actor,
    'startedAt', floor(extract(epoch from r.started_at) * 1000), 'updatedAt', floor(extract(epoch from r.updated_at) * 1000),
    'endedAt', floor(extract(epoch from r.ended_at) * 1000), 'now', floor(extract(epoch from clock_timestamp()) * 1000),
    'steps', (select coalesce(jsonb_agg(jsonb_build_object('step', s.step, 'coverage', s.coverage, 'number', s.config_number,
      'startedAt', floor(extract(epoch from s.started_at) * 1000), 'endedAt', floor(extract(epoch from s.ended_at) * 1000))
      order by s.step), '[]') from nunchi.ramp_steps s
      where s.project_id = r.project_id and s.environment = r.environment and s.ramp = r.id),
    'looks', (select coalesce(jsonb_agg(jsonb_build_object('look', l.look, 'step', l.step, 'progress', l.progress,
      'tests', l.tests, 'decision', l.decision, 'at', floor(extract(epoch from l.looked_at) * 1000)) order by l.look), '[]')
      from nunchi.ramp_looks l
      where l.project_id = r.project_id and l.environment = r.environment and l.ramp = r.id))
  from nunchi.ramps r where r.id = wanted
$$;
revoke execute on function nunchi.ramp_told(uuid) from public;
