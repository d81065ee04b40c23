-- { id } → { ramp, config: { number, version, definition, revisions }, units: [{ step, variant, units, multiple }] } | null:
-- what a decision on a ramp stands on. Units belong to the step in whose time their first exposure occurred; those exposed
-- before the ramp to none. Run by the collector's worker.
create or replace function nunchi.ramp_ground(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  one nunchi.ramps;
  starts timestamptz[];
  seen jsonb;
begin
  select * into one from nunchi.ramps r where r.id = (args ->> 'id')::uuid;
  if one.id is null then
    return null;
  end if;
  select array_agg(s.started_at order by s.step) into starts from nunchi.ramp_steps s
  where s.project_id = one.project_id and s.environment = one.environment and s.ramp = one.id;
  select coalesce(jsonb_agg(to_jsonb(u) order by u.step, u.variant collate "C"), '[]') into seen
  from (
    select width_bucket(t.assigned_at, starts) - 1 as step, t.variant, count(*) filter (where not t.multiple) as units,
      count(*) filter (where t.multiple) as multiple
    from nunchi.experiment_assignments t
    where t.project_id = one.project_id and t.environment = one.environment and t.experiment = one.experiment
      and t.revision = one.revision and t.assigned_at >= starts[1]
    group by 1, 2) u;
  return jsonb_build_object('ramp', nunchi.ramp_told(one.id), 'units', seen, 'config',
    nunchi.config_definition(jsonb_build_object('projectId', one.project_id, 'environment', one.environment)) - 'config');
end
$$;
revoke execute on function nunchi.ramp_ground(jsonb) from public;
grant execute on function nunchi.ramp_ground(jsonb) to nunchi_app;
