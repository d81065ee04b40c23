-- { id, plan } → { arms: [{ step, variant, units, active, sum, means, covariance }], faults: { events, example, byVariant? } }: one
-- metric's sufficient statistics by the step in whose time a unit was first exposed. `plan` is what metricPlan() makes;
-- `active` are the units of whom there was anything, `sum` the exact total of the value, `means` and `covariance` are of
-- value and denominator. Units that saw several variants are left out, and of a retention those whose day is not over.
-- Run by the collector's worker.
create or replace function nunchi.ramp_summary(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  plan constant jsonb := args -> 'plan';
  retains constant boolean := plan ->> 'kind' = 'retention';
  closes constant interval := make_interval(secs => (coalesce((plan ->> 'fromMs')::float8, 0)
    + coalesce((plan ->> 'windowMs')::float8, 0)) / 1000);
  one nunchi.ramps;
  starts timestamptz[];
  ends timestamptz;
  result jsonb;
begin
  select * into one from nunchi.ramps r where r.id = (args ->> 'id')::uuid;
  select array_agg(s.started_at order by s.step) into starts from nunchi.ramp_steps s
  where s.project_id = one.project_id and s.environment = one.environment and s.ramp = one.id;
  perform nunchi.result_current(one.project_id, one.environment, 4000);
  ends := clock_timestamp();
  with unit as materialized (
    select width_bucket(u.assigned_at, starts) - 1 as step, u.* from nunchi.ramp_units(one, plan, ends) u
  ), arms as (
    select u.step, u.variant, count(*) as units, count(*) filter (where u.y <> 0) as active, sum(u.y) as total,
      avg(u.y::float8) as y, avg(u.b::float8) as b, var_samp(u.y::float8) as yy, var_samp(u.b::float8) as bb,
      covar_samp(u.y::float8, u.b::float8) as yb
    from unit u
    where not u.multiple and (not retains or u.assigned_at + closes <= ends)
    group by 1, 2
  )
  select jsonb_build_object(
    'arms', (select coalesce(jsonb_agg(jsonb_build_object('step', a.step, 'variant', a.variant, 'units', a.units,
      'active', a.active, 'sum', trim_scale(a.total)::text, 'means', jsonb_build_array(a.y, a.b), 'covariance',
      jsonb_build_array(jsonb_build_array(a.yy, a.yb), jsonb_build_array(a.yb, a.bb))) order by a.step, a.variant collate "C"),
      '[]') from arms a),
    'faults', (select jsonb_build_object('events', coalesce(sum(f.faults), 0), 'example', min(f.fault)) || case when sum(f.faults) > 0
        then jsonb_build_object('byVariant', jsonb_object_agg(f.variant, f.faults) filter (where f.faults > 0)) else '{}' end
      from (select u.variant, sum(u.faults) as faults, min(u.fault) as fault from unit u group by 1) f))
  into result;
  return result;
end
$$;
revoke execute on function nunchi.ramp_summary(jsonb) from public;
grant execute on function nunchi.ramp_summary(jsonb) to nunchi_app;
