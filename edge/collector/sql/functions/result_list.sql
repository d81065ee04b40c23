-- Takes the next `size` exposures of a tracked revision over as units, without what they came to; answers the last one, null
-- where none is left. A unit that is there was touched meanwhile, and is right. Part of result_build().
create or replace function nunchi.result_list(tracked nunchi.result_trackers, size integer) returns text
language plpgsql set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
  set work_mem = '64MB' as $$
declare
  project constant uuid := tracked.project_id;
  last text;
  persons text[];
begin
  with page as materialized (
    select t.* from nunchi.experiment_assignments t
    where t.project_id = project and t.environment = tracked.environment and t.experiment = tracked.experiment
      and t.revision = tracked.revision and t.unit > tracked.built
    order by t.unit limit size
  ), exposed as materialized (
    select p.*, case when exists (select from nunchi.aliases l where l.project_id = project
        and l.previous_id = coalesce(p.user_id, i.user_id, p.anonymous_id) offset 0)
      then nunchi.person_of(project, p.user_id, p.anonymous_id)
      -- Most people were never renamed.
      else coalesce(p.user_id, i.user_id, p.anonymous_id) end as person
    from page p
    left join lateral (select y.user_id from nunchi.identities y
      where y.project_id = project and y.anonymous_id = p.anonymous_id offset 0) i on true
  ), kept as (
    insert into nunchi.result_units (project_id, tracker, unit, attribute, variant, multiple, assigned_at, event_id,
      person, head, country, device_class, browser, os)
    select project, tracked.id, f.unit, f.attribute, f.variant, f.multiple, f.assigned_at, f.event_id, f.person,
      f.person is not null, left(e.context ->> 'country', 100), left(e.context ->> 'deviceClass', 100),
      left(e.context ->> 'browser', 100), left(e.context ->> 'os', 100)
    from exposed f
    left join lateral (select a.context from nunchi.analytics_events a
      where a.project_id = project and a.id = f.event_id offset 0) e on true
    on conflict (tracker, unit) do nothing
  )
  select max(f.unit), array_agg(distinct f.person) filter (where f.person is not null) into last, persons from exposed f;
  -- Of most people there is one unit.
  update nunchi.result_units r set head = o.first
  from (
    select u.unit, u.head, row_number() over (partition by u.person,
      case when u.attribute in ('anonymousId', 'userId') then u.attribute else '' end order by u.assigned_at, u.event_id) = 1 as first
    from unnest(persons) p (person)
    cross join lateral (select x.* from nunchi.result_units x
      where x.project_id = project and x.person = p.person and x.tracker = tracked.id offset 0) u) o
  where r.tracker = tracked.id and r.unit = o.unit and o.head <> o.first;
  return last;
end
$$;
revoke execute on function nunchi.result_list(nunchi.result_trackers, integer) from public;
