-- How much two profiles have in common, for people whom the job has not compared yet: the share of common tags and equal
-- attributes among all of both (Jaccard's index), halved, with the reasons. Of lists each text counts. Part of match().
create or replace function nunchi.match_alike(one nunchi.items, other nunchi.items, out score real, out reasons jsonb)
language sql stable set search_path = '' as $$
  with told as (
    select 1 as side, one.tags, nunchi.match_profile(one) -> 'attributes' as attributes
    union all
    select 2, other.tags, nunchi.match_profile(other) -> 'attributes'
  ), features as (
    select 'tags' as about, t as value, p.side, true as says from told p cross join lateral unnest(p.tags) t
    union all
    -- That both have the same truth is little to talk about.
    select a.key, v.value #>> '{}', p.side, jsonb_typeof(v.value) <> 'boolean'
    from told p
    cross join lateral jsonb_each(p.attributes) a
    cross join lateral (select l.value from jsonb_array_elements(case jsonb_typeof(a.value) when 'array' then a.value
      else jsonb_build_array(a.value) end) l limit 50) v
    where jsonb_typeof(v.value) = 'string' or jsonb_typeof(a.value) in ('boolean', 'number')
  ), merged as (
    select f.about, f.value, bool_and(f.says) as says, count(distinct f.side) = 2 as common
    from features f group by f.about, f.value
  ), shared as (
    select m.about, jsonb_agg(m.value order by m.value) as values, count(*) as n
    from merged m where m.common and m.says group by m.about order by n desc, m.about limit 5
  )
  select coalesce((select (count(*) filter (where m.common))::real / nullif(count(*), 0) from merged m), 0) / 2,
    (select jsonb_build_object('you', r.list, 'them', r.list) from (select coalesce(jsonb_agg(jsonb_build_object(
      'code', 'shared', 'about', s.about, 'shared', s.values) order by s.n desc, s.about), '[]') as list from shared s) r)
$$;
revoke execute on function nunchi.match_alike(nunchi.items, nunchi.items) from public;
