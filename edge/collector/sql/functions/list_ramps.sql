-- { projectId, environment } → as ramp_told() tells each, without its looks: the newest ramp of every flag and experiment
-- that had one, the newest first. Run by the owner.
create or replace function nunchi.list_ramps(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(nunchi.ramp_told(n.id) - 'looks' order by n.started_at desc), '[]')
  from (
    select distinct on (r.kind, r.key) r.id, r.started_at from nunchi.ramps r
    where r.project_id = (args ->> 'projectId')::uuid and r.environment = args ->> 'environment'
    order by r.kind, r.key, r.started_at desc) n
$$;
revoke execute on function nunchi.list_ramps(jsonb) from public;
