-- The units of a tracked revision that events of these pairs of ids may count for: those of the ids' own values, and the
-- first-exposed ones of the persons behind them. Part of result_advance() and result_exposed().
create or replace function nunchi.result_owners(tracked nunchi.result_trackers, visitors text[], users text[]) returns text[]
language sql stable set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  select array(
    select r.unit from nunchi.result_units r where r.tracker = tracked.id and r.unit = any (visitors || users)
    union
    select r.unit
    from (select distinct nunchi.person_of(tracked.project_id, p.u, p.v) as id
      from (select distinct v, u from unnest(visitors, users) t (v, u)) p where coalesce(p.u, p.v) is not null) person
    join nunchi.result_units r on r.project_id = tracked.project_id and r.person = person.id and r.tracker = tracked.id
    where r.head)
$$;
revoke execute on function nunchi.result_owners(nunchi.result_trackers, text[], text[]) from public;
