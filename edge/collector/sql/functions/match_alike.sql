-- How much two profiles have in common, for people whom the job has not compared yet: the share of common tags and equal
-- attributes among all of both (Jaccard's index), with the reasons. Part of match().
create or replace function nunchi.match_alike(one nunchi.items, other nunchi.items, out score real, out reasons jsonb)
language sql stable set search_path = '' as $$
  with features as (
    select 'tags' as about, t as value, 1 as side from unnest(one.tags) t
    union all
    select 'tags', t, 2 from unnest(other.tags) t
    union all
    select a.key, a.value #>> '{}', 1 from jsonb_each(nunchi.match_profile(one) -> 'attributes') a
    where jsonb_typeof(a.value) in ('string', 'boolean', 'number')
    union all
    select a.key, a.value #>> '{}', 2 from jsonb_each(nunchi.match_profile(other) -> 'attributes') a
    where jsonb_typeof(a.value) in ('string', 'boolean', 'number')
  ), merged as (
    select f.about, f.value, count(distinct f.side) = 2 as common from features f group by f.about, f.value
  ), shared as (
    select m.about, jsonb_agg(m.value order by m.value) as values, count(*) as n
    from merged m where m.common group by m.about order by n desc, m.about limit 5
  )
  select coalesce((select (count(*) filter (where m.common))::real / nullif(count(*), 0) from merged m), 0) / 2,
    (select jsonb_build_object('you', r.list, 'them', r.list) from (select coalesce(jsonb_agg(jsonb_build_object(
      'code', 'shared', 'about', s.about, 'shared', s.values) order by s.n desc, s.about), '[]') as list from shared s) r)
$$;
revoke execute on function nunchi.match_alike(nunchi.items, nunchi.items) from public;
