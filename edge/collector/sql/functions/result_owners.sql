-- The units of a tracked revision that events of these pairs of ids may count for: those of the ids' own values, and the
-- first-exposed ones of the persons behind them. Part of result_advance() and result_exposed().
create or replace function nunchi.result_owners(tracked nunchi.result_trackers, visitors text[], users text[]) returns text[]
language sql stable set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  select array(
    select r.unit from nunchi.result_units r where r.tracker = tracked.id and r.unit = any (visitors || users)
    union
    select r.unit
    from (select distinct case when exists (select from nunchi.aliases l where l.project_id = tracked.project_id
          and l.previous_id = coalesce(p.u, i.user_id, p.v) offset 0)
        then nunchi.person_of(tracked.project_id, p.u, p.v) else coalesce(p.u, i.user_id, p.v) end as id
      from (select distinct v, u from unnest(visitors, users) t (v, u)) p
      left join lateral (select y.user_id from nunchi.identities y
        where y.project_id = tracked.project_id and y.anonymous_id = p.v offset 0) i on true) person
    cross join lateral (select x.unit, x.head from nunchi.result_units x
      where x.project_id = tracked.project_id and x.person = person.id and x.tracker = tracked.id offset 0) r
    where r.head)
$$;
revoke execute on function nunchi.result_owners(nunchi.result_trackers, text[], text[]) from public;
