-- What each list is chosen from, best first: one statement from the visitor's history to the reason of each item. Part of
-- recommend(). `seed` is the item that says most for it, `part` how much of all that is said. An item that was seen,
-- dismissed or excluded, or stands in the context, is no candidate. In plpgsql,
-- whose plans are kept: before Postgres 18 SQL plans anew at each call.
create or replace function nunchi.recommend_candidates(project uuid, env text, types text[], list text,
  actors nunchi.actor[], context text[], excluded text[], again boolean, segments text[], most integer, said jsonb)
returns setof nunchi.candidate
language plpgsql stable rows 200 set search_path = '' set enable_seqscan = off set enable_hashjoin = off
set enable_mergejoin = off set plan_cache_mode = force_generic_plan as $$
begin
  return query with history as materialized (
    select h.item, max(h.v) as v
    from unnest(actors) a
    cross join lateral (
      select i.item, i.weight, ln(1 + least(i.weight, (said ->> 'cap')::numeric))::double precision
        * power(2::double precision, greatest(extract(epoch from i.last_at - now()) / 86400
          / (said ->> 'halfLifeDays')::double precision, -300)) as v, (i.dismissed_at < i.last_at) is not false as liked
      from nunchi.interactions i
      where i.project_id = project and i.environment = env and i.actor = a.id and i.by_user = a.by_user
        and list in ('user', 'contextual')
      order by i.last_at desc, i.item desc limit 50) h
    where h.weight > 0 and h.liked
    group by h.item order by 2 desc, 1 limit 20
  ), seeds as materialized (
    select s.item, max(s.weight) as weight,
      case when exists (select from nunchi.recommendation_models m where m.project_id = project and m.environment = env
          and m.source = 'ease')
        and exists (select from nunchi.item_neighbors n where n.project_id = project and n.environment = env
          and n.item = s.item and n.source = 'ease') then 'ease' else 'cf' end as source
    from (
      select h.item, h.v / (select max(m.v) from history m) * case list when 'user' then 1 else 0.15 end as weight from history h
      union all
      select c, 1 from unnest(context) c where list in ('contextual', 'similar')
    ) s group by s.item
  ), near as (
    -- Of cf those count that have the seed in their own lists: a list of what is popular everywhere would not do.
    select n.item as neighbor, s.item, 'cf' as source, s.weight * n.similarity as part
    from seeds s
    cross join lateral (
      select n.item, n.similarity from nunchi.item_neighbors n
      where n.project_id = project and n.environment = env and n.neighbor = s.item and n.source = 'cf' and s.source = 'cf'
      order by n.similarity desc, n.item limit greatest(2000 / (select count(*) from seeds), 100)) n
    union all
    select n.neighbor, s.item, n.source, s.weight * n.similarity
    from seeds s
    cross join lateral (
      (select n.neighbor, n.source, n.similarity from nunchi.item_neighbors n
        where n.project_id = project and n.environment = env and n.item = s.item and n.source = 'ease' and s.source = 'ease'
        order by n.similarity desc, n.neighbor limit 100)
      union all
      (select n.item, n.source, n.similarity * 0.3 from nunchi.item_neighbors n
        where n.project_id = project and n.environment = env and n.neighbor = s.item and n.source = 'content'
        order by n.similarity desc, n.item limit 30)) n
  ), summed as (
    select t.item, t.score, t.best[1][1] as seed, t.best[1][2] as source, t.part
    from (
      select n.neighbor as item, sum(n.part) as score, array_agg(array[n.item, n.source] order by n.part desc, n.item) as best,
        max(n.part) / sum(n.part) as part
      from near n where n.part > 0 group by n.neighbor order by 2 desc, 1 limit 200 + most) t
    where not exists (
      select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
        and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = t.item
        and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x)
  ), liked as (
    select t.type, p.item, power(2::double precision, greatest(p.score - max(p.score) over (partition by t.type, s.segment), -300))
      * case when s.segment = '' then 1 else 0.5 end as score
    from unnest(types) t (type)
    cross join unnest(array[''] || segments) s (segment)
    cross join lateral (
      select p.item, p.score from nunchi.item_popularity p
      where p.project_id = project and p.environment = env and p.type = t.type and p.segment = s.segment
        and not exists (
          select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
            and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = p.item
            and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x)
      order by p.score desc, p.item limit 30 + most) p
  ), newest as (
    select n.id as item
    from unnest(types) t (type)
    cross join lateral (
      select i.id from nunchi.items i
      where i.project_id = project and i.environment = env and i.type = t.type and i.deleted_at is null and i.available
        and not exists (
          select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
            and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = i.id
            and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x)
      order by i.created_at desc, i.id limit case when said -> 'rules' = '[]' then 10 + most else 400 end) n
    union all
    select r.pin from (
      select jsonb_array_elements_text(r -> 'pin') as pin from jsonb_array_elements(said -> 'rules') r where r ? 'pin') r
    where not exists (
      select from unnest(actors) a cross join lateral (select from nunchi.interactions x where x.project_id = project
        and x.environment = env and x.actor = a.id and x.by_user = a.by_user and x.item = r.pin
        and (not again or x.weight = 0 or x.dismissed_at >= x.last_at) offset 0) x)
  ), pool as (
    select p.item, sum(p.near) as near, sum(p.popular) as popular, max(p.seed) as seed, max(p.source) as source, max(p.part) as part
    from (
      select s.item, s.score as near, null::double precision as popular, s.seed, s.source, s.part from summed s
      union all select l.item, null, l.score, null, null, null from liked l
      union all select n.item, null, null, null, null, null from newest n
    ) p
    where p.item <> all (context) and p.item <> all (excluded) group by p.item
  ), standing as (
    -- Rounded: sums of the same numbers differ in their last digits from call to call, and what is equal keeps its order.
    select i.type, i.id, round(p.near / max(p.near) over (partition by i.type) * 1e9) / 1e9 as near,
      round(p.popular / max(p.popular) over (partition by i.type) * 1e9) / 1e9 as popular, p.seed, p.source, p.part,
      i.created_at > now() - make_interval(days => (said ->> 'newDays')::integer) as fresh,
      i.created_at, i.title, i.url, i.image, i.tags, i.attributes
    from pool p
    cross join lateral (select * from nunchi.items i where i.project_id = project and i.environment = env and i.id = p.item offset 0) i
    where i.deleted_at is null and i.available and i.type = any (types)
  ), knowing as (
    -- Popularity weighs 0.9 of what neighbors do where one item is known, less the more are; EASE knows by itself what
    -- is popular. Learned on validation splits (docs/guide/recommendations.md).
    select case when list = 'trending' or list = 'user' and count(*) = 0 then 0 when list <> 'user' then 0.9
      when exists (select from seeds s where s.source = 'ease') then 1 / (1 + power(count(*)::double precision, -1.3))
      else 1 / (1 + 0.9 * power(count(*)::double precision, -0.6)) end as known
    from history
  )
  select s.type, s.id, k.known * coalesce(s.near, 0) + (1 - k.known) * coalesce(s.popular, 0), s.near, s.popular, k.known,
    s.seed, s.source, s.part, s.fresh, s.title, s.url, s.image, s.tags, s.attributes
  from standing s cross join knowing k
  order by 1, 3 desc, s.created_at desc, s.id;
end
$$;
revoke execute on function nunchi.recommend_candidates(uuid, text, text[], text, nunchi.actor[], text[], text[], boolean,
  text[], integer, jsonb) from public;
