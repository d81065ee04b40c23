-- [how many people were there on the days from `since` to `until`, and on those from `earlier` up to `since`], told apart
-- as usage_of() tells them. One pass over the visitors answers both, since most of its cost is finding out who each is.
-- The plan is made for the days asked: for a few visitors it looks each one up, for many it hashes. Texts are sorted by
-- their bytes, which takes half as long as hashing them, and a fraction of sorting them by a language. Part of overview().
create or replace function nunchi.overview_people(project uuid, env text, earlier date, since date, until date)
returns bigint[]
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_custom_plan
  set enable_mergejoin = off set work_mem = '64MB' as $$
begin
  return (
    with aliased as materialized (
      select m.previous_id, m.person from nunchi.alias_map(project) m
    ), visitors as (
      select v.day >= since as present, coalesce(nullif(v.user_id, ''), i.user_id, v.anonymous_id) as id
      from nunchi.daily_visitors v
      left join nunchi.identities i on v.user_id = '' and i.project_id = project and i.anonymous_id = v.anonymous_id
      where v.project_id = project and v.environment = env and v.day between earlier and until
    ), people as (
      select v.present, coalesce(a.person, v.id) collate "C" as person
      from visitors v left join aliased a on a.previous_id = v.id
    )
    select array[count(distinct p.person) filter (where p.present), count(distinct p.person) filter (where not p.present)]
    from people p);
end
$$;
revoke execute on function nunchi.overview_people(uuid, text, date, date, date) from public;
