-- The conversions that count for a revision of an experiment, each with its unit: of whoever saw it, from that
-- moment on. An event that carries the value of a unit's attribute (anonymousId, userId) counts for the unit of
-- that value and for no other; one without it counts for its person's first-exposed unit. `multiple` units saw two
-- variants; results set them apart.
create or replace function nunchi.conversions_of(project uuid, env text, experiment text, revision integer)
returns table (event_id uuid, metric text, value numeric, step text, occurred_at timestamptz, unit text, variant text,
  assigned_at timestamptz, multiple boolean)
language sql stable set search_path = '' set jit = off as $$
  with alias as materialized (
    select * from nunchi.alias_map(project)
  ), exposed as materialized (
    select a.*, coalesce(m.person, w.id) as person
    from nunchi.experiment_assignments a
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = a.anonymous_id
    cross join lateral (select coalesce(a.user_id, i.user_id, a.anonymous_id) as id) w
    left join alias m on m.previous_id = w.id
    where a.project_id = project and a.environment = env and a.experiment = conversions_of.experiment
      and a.revision = conversions_of.revision
  ), done as materialized (
    select c.*, coalesce(m.person, w.id) as person
    from nunchi.experiment_conversions c
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = c.anonymous_id
    cross join lateral (select coalesce(c.user_id, i.user_id, c.anonymous_id) as id) w
    left join alias m on m.previous_id = w.id
    where c.project_id = project and c.environment = env
  ), pair as (
    -- By the unit's own value.
    select d.event_id, x.unit, 1 as rank from done d
    join exposed x on x.attribute = 'anonymousId' and x.unit = d.anonymous_id
    union all
    select d.event_id, x.unit, 1 from done d join exposed x on x.attribute = 'userId' and x.unit = d.user_id
    union all
    -- Through the person, where the event has no such value.
    select d.event_id, x.unit, 2 from done d
    join exposed x on x.person = d.person
      and case x.attribute when 'anonymousId' then d.anonymous_id is null when 'userId' then d.user_id is null else true end
  )
  select d.event_id, d.metric, d.value, d.step, d.occurred_at, x.unit, x.variant, x.assigned_at, x.multiple
  from (
    select distinct on (p.event_id) p.event_id, x.unit
    from pair p join exposed x on x.unit = p.unit
    order by p.event_id, p.rank, x.assigned_at, x.event_id
  ) chosen
  join done d on d.event_id = chosen.event_id
  join exposed x on x.unit = chosen.unit
  where d.occurred_at >= x.assigned_at
$$;
revoke execute on function nunchi.conversions_of(uuid, text, text, integer) from public;
