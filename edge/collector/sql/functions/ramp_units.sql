-- Each unit that a ramp compares with what it came to on a metric by `ends`: value and denominator. From the sums that
-- prepare_results() keeps of each unit, where they are whole for this metric, else from raw events. Part of ramp_summary(),
-- which has brought the kept ones up to date.
create or replace function nunchi.ramp_units(one nunchi.ramps, plan jsonb, ends timestamptz)
returns table (variant text, multiple boolean, assigned_at timestamptz, y numeric, b numeric, faults bigint, fault text)
language plpgsql stable set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  kind constant text := plan ->> 'kind';
  cap constant numeric := plan ->> 'cap';
  tracked nunchi.result_trackers;
  kept integer;
begin
  select t.* into tracked from nunchi.result_trackers t
  where t.project_id = one.project_id and t.environment = one.environment and t.experiment = one.experiment
    and t.revision = one.revision and t.built is null and t.until is null;
  -- As summarize_kept() has it.
  select m.id into kept from nunchi.result_metrics m
  where m.tracker = tracked.id and m.plan = ramp_units.plan and m.ready
    and not exists (select from nunchi.metric_parts p where p.id = any (m.parts) and p.filled_from > tracked.first_at
      - make_interval(secs => coalesce((m.plan ->> 'beforeMs')::float8, 0) / 1000));
  if kept is not null then
    return query
    select r.variant, r.multiple, r.assigned_at, coalesce(m.y, 0), coalesce(m.b, 0), coalesce(m.faults, 0)::bigint, m.fault
    from nunchi.result_units r
    left join lateral (select n.* from unnest(r.moments) n where n.metric = kept order by n.day desc limit 1) m on true
    where r.tracker = tracked.id and r.assigned_at >= one.started_at;
    return;
  end if;
  return query
  select u.variant, u.multiple, u.assigned_at,
    coalesce(case when kind in ('share', 'retention') then (u.a > 0)::integer::numeric
      when u.a is not null then least(u.a, cap) end, 0), coalesce(u.b, 0), u.faults, u.fault
  from nunchi.metric_units(one.project_id, one.environment, one.experiment, one.revision, plan,
    make_interval(secs => coalesce((plan ->> 'fromMs')::float8, 0) / 1000),
    make_interval(secs => (plan ->> 'windowMs')::float8 / 1000), interval '0', ends) u
  where u.assigned_at >= one.started_at;
end
$$;
revoke execute on function nunchi.ramp_units(nunchi.ramps, jsonb, timestamptz) from public;
