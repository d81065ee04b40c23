-- { projectId, environment, kind, key } → { ramp, metrics }: the newest ramp of a flag or experiment as ramp_told() tells it,
-- null where it never had one, and what guardrails there are, as list_metrics(). Run by the owner, and for keys by
-- read_ramp_by_key().
create or replace function nunchi.read_ramp(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('ramp', (
      select nunchi.ramp_told(r.id) from nunchi.ramps r
      where r.project_id = (args ->> 'projectId')::uuid and r.environment = args ->> 'environment'
        and r.kind = args ->> 'kind' and r.key = args ->> 'key'
      order by r.started_at desc limit 1),
    'metrics', nunchi.list_metrics(jsonb_build_object('projectId', args ->> 'projectId')))
$$;
revoke execute on function nunchi.read_ramp(jsonb) from public;
