-- Computes the cf neighbors and the popularity of an item anew, from the latest 2,000 of those who had to do with it and
-- the latest 100 items of each. Part of refresh_recommendations(). The formula stands in docs/guide/recommendations.md;
-- it is symmetric, so that what changed for this item is written into the lists of its neighbors at once: whatever the
-- order in which items are refreshed, in the end all pairs are right.
-- Who came in a crowd from one network (mark_crowd), or does more than a person does, is not heard.
create or replace function nunchi.refresh_item(project uuid, env text, subject text, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  crowd constant double precision := (said ->> 'networkCap')::double precision;
  shrink constant double precision := (said ->> 'shrinkage')::double precision;
  -- How many seconds a half-life is, and how many half-lives lie between 2026 and now.
  life constant double precision := 86400 * (said ->> 'halfLifeDays')::double precision;
  era constant double precision := (extract(epoch from now()) - 1767225600) / life;
  at constant bigint := floor(extract(epoch from clock_timestamp()) * 1000);
  own double precision;
  people bigint;
  -- Of the others, side by side, nearest first.
  others text[];
  likeness double precision[];
  behind double precision[];
  takes boolean[];
begin
  perform nunchi.mark_crowd(project, env, subject, said);
  select count(*) into people from (
    select from nunchi.interactions i
    where i.project_id = project and i.environment = env and i.item = subject and i.weight > 0
      and (i.dismissed_at < i.last_at) is not false limit 1000000) a;

  with whom as materialized (
    select i.actor, i.by_user, i.network from nunchi.interactions i
    where i.project_id = project and i.environment = env and i.item = subject and i.weight > 0
      and (i.dismissed_at < i.last_at) is not false
      and not exists (select from nunchi.interactions x where x.project_id = project and x.environment = env
        and x.actor = i.actor and x.by_user = i.by_user and (x.crowded or x.loud))
    order by i.last_at desc, i.actor, i.by_user limit 2000
  ), vectors as (
    select h.item, case when h.item < subject then h.network else w.network end as network, w.by_user || w.actor as alone,
      h.v, max(h.v) filter (where h.item = subject) over mine as own,
      4 + width_bucket(count(*) over mine, array[8, 16, 32, 64]::bigint[]) as activity, count(*) over mine as items
    from whom w
    cross join lateral (
      select l.item, l.network, (1 + 0.1 / ln(2::double precision) * ln(least(greatest(l.weight, 1), 8)::double precision))
        * power(2::double precision, greatest(extract(epoch from l.last_at - now())::double precision / life / 2, -300)) as v
      from (
        select i.item, i.weight, i.last_at, i.dismissed_at, i.network from nunchi.interactions i
        where i.project_id = project and i.environment = env and i.actor = w.actor and i.by_user = w.by_user
        order by i.last_at desc, i.item desc limit 100) l
      where l.weight > 0 and (l.dismissed_at < l.last_at) is not false) h
    window mine as (partition by w.actor, w.by_user)
  ), crowds as (
    select v.item, sum(v.v * v.own / v.activity) as dot, count(*) as k
    -- Who had to do with one item alone says nothing of what goes together.
    from vectors v where v.own is not null and v.items > 1
    group by v.item, coalesce(v.network, v.alone), v.network is null
  ), sums as materialized (
    select c.item, sum(c.dot * least(1, crowd / c.k)) - max(c.dot * least(1, crowd / c.k)) as dot, sum(least(c.k, crowd)) as support from crowds c group by c.item
  ), mine as (
    select ln(s.dot) / ln(2::double precision) + era + ln(greatest(people / 2000.0, 1)::double precision) / ln(2::double precision) as norm
    from sums s where s.item = subject and s.dot > 1e-290
  ), near as (
    select s.item, s.support, t.floor, least(1, power(2::double precision, greatest(ln(s.dot) / ln(2::double precision) + era
      + ln(greatest(people / 2000.0, 1)::double precision) / ln(2::double precision) - (m.norm + t.norm) / 2, -300)))
      * s.support / (s.support + shrink) as similarity
    from sums s cross join mine m
    cross join lateral (select * from nunchi.item_stats t where t.project_id = project and t.environment = env
      and t.item = s.item offset 0) t
    -- What one network says alone is not believed.
    where s.item <> subject and s.dot > 1e-290 and s.support > crowd and t.norm is not null
  )
  select (select m.norm from mine m), array_agg(n.item order by n.similarity desc, n.item),
    array_agg(n.similarity order by n.similarity desc, n.item), array_agg(n.support order by n.similarity desc, n.item),
    array_agg(n.similarity > n.floor order by n.similarity desc, n.item)
  into own, others, likeness, behind, takes from near n;

  insert into nunchi.item_stats as t (project_id, environment, item, norm, actors, floor, refreshed_at)
  values (project, env, subject, own, people, coalesce(likeness[100], 0), clock_timestamp())
  on conflict (project_id, environment, item) do update
  set norm = excluded.norm, actors = excluded.actors, floor = excluded.floor, refreshed_at = excluded.refreshed_at;
  perform nunchi.write_near(project, env, subject, 'cf', coalesce(others, '{}'), likeness, behind, takes, at);
  perform nunchi.refresh_popularity(project, env, subject, said);
end
$$;
revoke execute on function nunchi.refresh_item(uuid, text, text, jsonb) from public;
