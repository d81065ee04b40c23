-- Brings the units of a tracked revision in line with its exposures and with who is who, as far as `ids` and `units`
-- may have changed, and answers the units to add up anew: those, and the first-exposed units of all persons in question.
-- Part of result_advance() and result_build().
create or replace function nunchi.result_exposed(tracked nunchi.result_trackers, ids text[], units text[]) returns text[]
language plpgsql set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  project constant uuid := tracked.project_id;
  -- Whom the ids become, by each step; whoever was somebody's person before is among them.
  known constant text[] := array(
    with recursive walk (id, depth) as (
      select i, 0 from unnest(ids || units) i where i is not null
      union
      select n.user_id, w.depth + 1 from walk w cross join lateral (
        select i.user_id from nunchi.identities i where i.project_id = project and i.anonymous_id = w.id
        union all select a.user_id from nunchi.aliases a where a.project_id = project and a.previous_id = w.id) n
      where w.depth < 33)
    select distinct w.id from walk w);
  -- And all who become one of those.
  around constant text[] := array(
    with recursive walk (id, depth) as (
      select i, 0 from unnest(known) i
      union
      select n.id, w.depth + 1 from walk w cross join lateral (
        select i.anonymous_id as id from nunchi.identities i where i.project_id = project and i.user_id = w.id
        union all select a.previous_id from nunchi.aliases a where a.project_id = project and a.user_id = w.id) n
      where w.depth < 33)
    select distinct w.id from walk w);
  asked constant text[] := array(
    select t.unit from nunchi.experiment_assignments t where t.project_id = project and t.anonymous_id = any (around)
      and t.environment = tracked.environment and t.experiment = tracked.experiment and t.revision = tracked.revision
    union
    select t.unit from nunchi.experiment_assignments t where t.project_id = project and t.user_id = any (around)
      and t.environment = tracked.environment and t.experiment = tracked.experiment and t.revision = tracked.revision
    union
    select r.unit from nunchi.result_units r where r.project_id = project and r.person = any (known) and r.tracker = tracked.id
    union
    select u from unnest(units) u where u is not null);
  heads text[];
  changed text[];
begin
  with gone as (
    delete from nunchi.result_units r where r.tracker = tracked.id and r.unit = any (asked)
      and not exists (select from nunchi.experiment_assignments t where t.project_id = project
        and t.environment = tracked.environment and t.experiment = tracked.experiment and t.revision = tracked.revision
        and t.unit = r.unit)
    returning r.unit)
  select coalesce(array_agg(g.unit), '{}') into changed from gone g;
  with exposed as materialized (
    select t.*, case when exists (select from nunchi.aliases l where l.project_id = project
        and l.previous_id = coalesce(t.user_id, i.user_id, t.anonymous_id) offset 0)
      then nunchi.person_of(project, t.user_id, t.anonymous_id)
      -- Most people were never renamed.
      else coalesce(t.user_id, i.user_id, t.anonymous_id) end as person
    from unnest(asked) a (unit)
    cross join lateral (select x.* from nunchi.experiment_assignments x where x.project_id = project
      and x.environment = tracked.environment and x.experiment = tracked.experiment and x.revision = tracked.revision
      and x.unit = a.unit offset 0) t
    left join lateral (select y.user_id from nunchi.identities y
      where y.project_id = project and y.anonymous_id = t.anonymous_id offset 0) i on true
  ), fresh as materialized (
    select e.*, e.person is not null and row_number() over (partition by e.person,
        case when e.attribute in ('anonymousId', 'userId') then e.attribute else '' end
        order by e.assigned_at, e.event_id) = 1 as head
    from exposed e
  ), kept as (
    insert into nunchi.result_units as r (project_id, tracker, unit, attribute, variant, multiple, assigned_at, event_id,
      person, head, country, device_class, browser, os)
    select project, tracked.id, f.unit, f.attribute, f.variant, f.multiple, f.assigned_at, f.event_id, f.person, f.head,
      left(e.context ->> 'country', 100), left(e.context ->> 'deviceClass', 100), left(e.context ->> 'browser', 100),
      left(e.context ->> 'os', 100)
    from fresh f
    left join lateral (select x.* from nunchi.result_units x where x.tracker = tracked.id and x.unit = f.unit offset 0) o on true
    left join lateral (select a.context from nunchi.analytics_events a
      where a.project_id = project and a.id = f.event_id offset 0) e on true
    where o.unit is null or (o.attribute, o.variant, o.multiple, o.assigned_at, o.event_id, o.person, o.head)
      is distinct from (f.attribute, f.variant, f.multiple, f.assigned_at, f.event_id, f.person, f.head)
    order by f.unit
    on conflict (tracker, unit) do update set attribute = excluded.attribute, variant = excluded.variant,
      multiple = excluded.multiple, assigned_at = excluded.assigned_at, event_id = excluded.event_id,
      person = excluded.person, head = excluded.head, country = excluded.country, device_class = excluded.device_class,
      browser = excluded.browser, os = excluded.os
    returning r.unit
  )
  select array(select f.unit from fresh f where f.head), changed || array(select k.unit from kept k) into heads, changed;
  update nunchi.result_trackers t set first_at = least(t.first_at, n.first)
  -- Each by its key: by its time Postgres may read all units to find the first.
  from (select min(c.assigned_at) as first from unnest(changed) k (unit)
    cross join lateral (select r.assigned_at from nunchi.result_units r where r.tracker = tracked.id and r.unit = k.unit offset 0) c) n
  where t.id = tracked.id and n.first is not null and (t.first_at is null or n.first < t.first_at);
  return array(
    select unnest(heads || changed)
    union
    -- A unit that is new takes events from whoever had them.
    select unnest(nunchi.result_owners(tracked,
      array_agg(p.anonymous_id), array_agg(p.user_id)))
    from (select distinct f.anonymous_id, f.user_id from nunchi.metric_facts f
      where f.project_id = project and f.anonymous_id = any (changed) and f.user_id is not null
      union
      select f.anonymous_id, f.user_id from nunchi.metric_facts f
      where f.project_id = project and f.user_id = any (changed)) p);
end
$$;
revoke execute on function nunchi.result_exposed(nunchi.result_trackers, text[], text[]) from public;
