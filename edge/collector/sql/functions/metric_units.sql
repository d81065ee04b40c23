-- Each unit of a revision of an experiment with what its events add up to: `a` and `b` by part within the window after
-- its first exposure, `xa` and `xb` before it; null where there was nothing to add. `faults` are events whose number is a
-- text, `fault` one of them. Whose an event is, conversions_of() says: of the unit whose value it carries, else of its
-- person's first-exposed unit. Of a funnel, `a` is 1 where the last step was reached in order. Part of summarize().
create or replace function nunchi.metric_units(project uuid, env text, experiment text, revision integer, plan jsonb,
  starts interval, lasts interval, before interval, ends timestamptz)
returns table (unit text, variant text, assigned_at timestamptz, multiple boolean, a numeric, b numeric, xa numeric,
  xb numeric, faults bigint, fault text)
-- Nobody knows how many rows a function will give: a nested loop over them would take minutes.
language plpgsql stable set search_path = '' set jit = off set enable_nestloop = off as $$
#variable_conflict use_column
declare
  steps constant integer := case when plan ->> 'kind' = 'funnel' then jsonb_array_length(plan -> 'parts') end;
  first timestamptz;
begin
  select min(t.assigned_at) into first from nunchi.experiment_assignments t
  where t.project_id = project and t.environment = env and t.experiment = metric_units.experiment
    and t.revision = metric_units.revision;
  if first is null then
    return;
  end if;
  return query
  with alias as materialized (
    select * from nunchi.alias_map(project)
  ), exposed as materialized (
    select t.unit, t.attribute, t.variant, t.assigned_at, t.event_id, t.multiple, coalesce(m.person, w.id) as person
    from nunchi.experiment_assignments t
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = t.anonymous_id
    cross join lateral (select coalesce(t.user_id, i.user_id, t.anonymous_id) as id) w
    left join alias m on m.previous_id = w.id
    where t.project_id = project and t.environment = env and t.experiment = metric_units.experiment
      and t.revision = metric_units.revision
  ), head as materialized (
    -- The person's first-exposed unit, apart by the attribute that a unit goes by.
    select distinct on (e.person, k.attribute) e.person, k.attribute, e.unit, e.assigned_at, e.event_id
    from exposed e
    cross join lateral (select case when e.attribute in ('anonymousId', 'userId') then e.attribute else '' end as attribute) k
    where e.person is not null
    order by e.person, k.attribute, e.assigned_at, e.event_id
  ), happened as materialized (
    select p.n as part, h.event_id, h.occurred_at, h.anonymous_id, h.user_id, h.amount, h.fault
    from jsonb_array_elements(plan -> 'parts') with ordinality p (part, n)
    cross join lateral nunchi.metric_events(project, env, p.part, first - before, ends) h
    where h.amount is not null or h.fault is not null
  ), owned as (
    select h.part, h.event_id, h.occurred_at, h.amount, h.fault, whose.unit
    from happened h
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = h.anonymous_id
    cross join lateral (select coalesce(h.user_id, i.user_id, h.anonymous_id) as id offset 0) w
    left join alias m on m.previous_id = w.id
    left join exposed va on va.unit = h.anonymous_id and va.attribute = 'anonymousId'
    left join exposed vu on vu.unit = h.user_id and vu.attribute = 'userId'
    left join head la on la.person = coalesce(m.person, w.id) and la.attribute = 'anonymousId' and h.anonymous_id is null
    left join head lu on lu.person = coalesce(m.person, w.id) and lu.attribute = 'userId' and h.user_id is null
    left join head lo on lo.person = coalesce(m.person, w.id) and lo.attribute = ''
    cross join lateral (
      select c.unit from (values (1, va.unit, va.assigned_at, va.event_id), (1, vu.unit, vu.assigned_at, vu.event_id),
        (2, la.unit, la.assigned_at, la.event_id), (2, lu.unit, lu.assigned_at, lu.event_id),
        (2, lo.unit, lo.assigned_at, lo.event_id)) c (rank, unit, at, id)
      where c.unit is not null order by c.rank, c.at, c.id limit 1) whose
  ), counted as (
    select o.*, o.occurred_at >= e.assigned_at + starts as after
    from owned o join exposed e on e.unit = o.unit
    where o.occurred_at >= e.assigned_at + starts and (lasts is null or o.occurred_at < e.assigned_at + starts + lasts)
      or o.occurred_at < e.assigned_at and o.occurred_at >= e.assigned_at - before
  ), added as (
    select c.unit,
      case when steps is null then sum(c.amount) filter (where c.part = 1 and c.after)
        else (nunchi.funnel_reached(array_agg(c.part::integer order by c.occurred_at, c.event_id, c.part desc)
          filter (where c.after)) >= steps)::integer end as a,
      case when steps is null then sum(c.amount) filter (where c.part = 2 and c.after) end as b,
      sum(c.amount) filter (where c.part = 1 and not c.after) as xa,
      sum(c.amount) filter (where c.part = 2 and not c.after) as xb, count(c.fault) as faults, min(c.fault) as fault
    from counted c group by 1
  )
  select e.unit, e.variant, e.assigned_at, e.multiple, d.a, d.b, d.xa, d.xb, coalesce(d.faults, 0), d.fault
  from exposed e left join added d on d.unit = e.unit;
end
$$;
revoke execute on function nunchi.metric_units(uuid, text, text, integer, jsonb, interval, interval, interval, timestamptz)
  from public;
