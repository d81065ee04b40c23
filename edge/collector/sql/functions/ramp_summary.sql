-- { id, plan } → { arms: [{ step, variant, units, active, sum, means, covariance }], faults: { events, example } }: one
-- metric's sufficient statistics by the step in whose time a unit was first exposed, of what metric_units() says of each.
-- `plan` is what metricPlan() makes; `active` are the units of whom there was anything, `sum` the exact total of the value,
-- `means` and `covariance` are of value and denominator. Units that saw several variants are left out, and of a retention
-- those whose day is not over. Run by the collector's worker.
create or replace function nunchi.ramp_summary(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  plan constant jsonb := args -> 'plan';
  kind constant text := plan ->> 'kind';
  cap constant numeric := plan ->> 'cap';
  from_ms constant interval := make_interval(secs => coalesce((plan ->> 'fromMs')::float8, 0) / 1000);
  lasts constant interval := make_interval(secs => (plan ->> 'windowMs')::float8 / 1000);
  ends constant timestamptz := clock_timestamp();
  one nunchi.ramps;
  starts timestamptz[];
  result jsonb;
begin
  select * into one from nunchi.ramps r where r.id = (args ->> 'id')::uuid;
  select array_agg(s.started_at order by s.step) into starts from nunchi.ramp_steps s
  where s.project_id = one.project_id and s.environment = one.environment and s.ramp = one.id;
  with per_unit as materialized (
    select width_bucket(u.assigned_at, starts) - 1 as step, u.variant, u.multiple, u.assigned_at, u.faults, u.fault,
      coalesce(case when kind in ('share', 'retention') then (u.a > 0)::integer
        when u.a is not null then least(u.a, cap) end, 0) as y, coalesce(u.b, 0) as b
    from nunchi.metric_units(one.project_id, one.environment, one.experiment, one.revision, plan, from_ms, lasts,
      interval '0', ends) u
    where u.assigned_at >= starts[1]
  ), arms as (
    select u.step, u.variant, count(*) as units, count(*) filter (where u.y <> 0) as active, sum(u.y) as total,
      avg(u.y::float8) as y, avg(u.b::float8) as b, var_samp(u.y::float8) as yy, var_samp(u.b::float8) as bb,
      covar_samp(u.y::float8, u.b::float8) as yb
    from per_unit u
    where not u.multiple and (kind <> 'retention' or u.assigned_at + from_ms + lasts <= ends)
    group by 1, 2
  )
  select jsonb_build_object(
    'arms', (select coalesce(jsonb_agg(jsonb_build_object('step', a.step, 'variant', a.variant, 'units', a.units,
      'active', a.active, 'sum', a.total::text, 'means', jsonb_build_array(a.y, a.b), 'covariance',
      jsonb_build_array(jsonb_build_array(a.yy, a.yb), jsonb_build_array(a.yb, a.bb))) order by a.step, a.variant collate "C"),
      '[]') from arms a),
    'faults', (select jsonb_build_object('events', coalesce(sum(u.faults), 0), 'example', min(u.fault)) from per_unit u))
  into result;
  return result;
end
$$;
revoke execute on function nunchi.ramp_summary(jsonb) from public;
grant execute on function nunchi.ramp_summary(jsonb) to nunchi_app;
