-- The facts that count for these units of a tracked revision, by the rule of conversions_of(): an event is of the unit
-- whose value it carries (of two the first exposed), else of its person's first-exposed unit. Part of result_refresh().
-- Each `offset 0` keeps a look-up by index what it is: as a join Postgres may read all facts for some of them.
create or replace function nunchi.result_owned(tracked nunchi.result_trackers, units text[])
returns table (unit text, part integer, event_id uuid, occurred_at timestamptz, amount numeric, fault text)
language plpgsql stable set search_path = '' set jit = off set enable_seqscan = off set enable_nestloop = off set enable_hashjoin = on
  set enable_mergejoin = on set work_mem = '64MB' as $$
#variable_conflict use_column
begin
  return query
  with recursive asked as materialized (
    select r.*, case when r.attribute in ('anonymousId', 'userId') then r.attribute else '' end as kind
    from nunchi.result_units r where r.tracker = tracked.id and r.unit = any (result_owned.units)
  ), reach (person, id, depth) as (
    -- Whoever may be one of these persons; who is, is asked below.
    select distinct a.person, a.person, 0 from asked a where a.head
    union
    select r.person, n.previous_id, r.depth + 1 from reach r
    cross join lateral (select a.previous_id from nunchi.aliases a
      where a.project_id = tracked.project_id and a.user_id = r.id offset 0) n where r.depth < 33
  ), named as materialized (
    select distinct r.person, r.id from reach r
    where case when r.id = r.person and not exists (select from nunchi.aliases l
        where l.project_id = tracked.project_id and l.previous_id = r.id offset 0) then true
      else nunchi.person_of(tracked.project_id, r.id, null) = r.person end
  ), others as materialized (
    -- Visitors whose events name nobody; a unit that goes by anonymousId has such events by their own value only.
    select r.person, r.id from reach r
    where r.person in (select a.person from asked a where a.head and a.kind <> 'anonymousId')
  ), unnamed as materialized (
    select distinct v.person, v.id from (
      select o.person, o.id from others o
      union
      select o.person, n.anonymous_id from others o
      cross join lateral (select i.anonymous_id from nunchi.identities i
        where i.project_id = tracked.project_id and i.user_id = o.id offset 0) n) v
    where nunchi.person_of(tracked.project_id, null, v.id) = v.person
  ), own as (
    select a.unit, f.* from asked a
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.anonymous_id = a.unit offset 0) f
    where a.kind = 'anonymousId'
      and not exists (select from nunchi.result_units o where o.tracker = tracked.id and o.unit = f.user_id
        and o.attribute = 'userId' and (o.assigned_at, o.event_id) < (a.assigned_at, a.event_id) offset 0)
    union all
    select a.unit, f.* from asked a
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.user_id = a.unit offset 0) f
    where a.kind = 'userId'
      and not exists (select from nunchi.result_units o where o.tracker = tracked.id and o.unit = f.anonymous_id
        and o.attribute = 'anonymousId' and (o.assigned_at, o.event_id) < (a.assigned_at, a.event_id) offset 0)
  ), through as (
    select a.unit, a.person, a.kind, a.assigned_at, a.event_id as exposure, f.* from asked a
    join named n on n.person = a.person
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.user_id = n.id and x.anonymous_id is null offset 0) f
    where a.head and a.kind <> 'userId'
    union all
    select a.unit, a.person, a.kind, a.assigned_at, a.event_id, f.* from asked a
    join named n on n.person = a.person
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.user_id = n.id and x.anonymous_id is not null offset 0) f
    where a.head and a.kind = ''
    union all
    select a.unit, a.person, a.kind, a.assigned_at, a.event_id, f.* from asked a
    join unnamed n on n.person = a.person
    cross join lateral (select x.* from nunchi.metric_facts x
      where x.project_id = tracked.project_id and x.anonymous_id = n.id and x.user_id is null offset 0) f
    where a.head and a.kind <> 'anonymousId'
  )
  select o.unit, o.part, o.event_id, o.occurred_at, o.amount, o.fault from own o
  union all
  select t.unit, t.part, t.event_id, t.occurred_at, t.amount, t.fault from through t
  where not exists (select from nunchi.result_units o where o.tracker = tracked.id and o.unit = t.anonymous_id
      and o.attribute = 'anonymousId' offset 0)
    and not exists (select from nunchi.result_units o where o.tracker = tracked.id and o.unit = t.user_id
      and o.attribute = 'userId' offset 0)
    -- Of a person's several first units the first one has it.
    and not exists (select from nunchi.result_units o where o.project_id = tracked.project_id and o.person = t.person
      and o.tracker = tracked.id and o.head and o.unit <> t.unit
      and (o.assigned_at, o.event_id) < (t.assigned_at, t.exposure)
      and case o.attribute when 'anonymousId' then t.anonymous_id is null when 'userId' then t.user_id is null else true end offset 0);
end
$$;
revoke execute on function nunchi.result_owned(nunchi.result_trackers, text[]) from public;
