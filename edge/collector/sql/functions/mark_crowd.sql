-- Notes who of an item's latest 2,000 visitors came in a crowd: those of the network that most of them are of, where these
-- are more than six times as many as a network may count for, and more than one in twenty; and those of the networks that
-- find_crowds() found. Whoever did is not heard: all
-- the items that they had to do with are computed anew, now and when the crowd is none any more. Part of
-- refresh_item(). Rows that are just being written wait for the next time, which their change brings about.
create or replace function nunchi.mark_crowd(project uuid, env text, subject text, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  crowd constant double precision := (said ->> 'networkCap')::double precision;
begin
  with latest as materialized (
    select i.actor, i.by_user, i.network, i.crowded from nunchi.interactions i
    where i.project_id = project and i.environment = env and i.item = subject
    order by i.last_at desc, i.actor, i.by_user limit 2000
  ), largest as (
    select n.network from (
      select l.network, count(*) as k, rank() over (order by count(*) desc) as place from latest l
      where l.network is not null group by l.network) n
    where n.place = 1 and n.k > 6 * crowd and n.k * 20 > (select count(*) from latest)
    union
    select unnest(c.crowds) from nunchi.recommendation_catalogs c where c.project_id = project and c.environment = env
  ), wrong as materialized (
    select l.actor, l.by_user from latest l
    where l.crowded <> exists (select from largest g where g.network = l.network)
  ), mended as (
    update nunchi.interactions i set crowded = not i.crowded
    where i.ctid = any (array(
      select x.ctid from wrong w join nunchi.interactions x on x.project_id = project and x.environment = env
        and x.actor = w.actor and x.by_user = w.by_user and x.item = subject
      for update of x skip locked))
    returning i.actor, i.by_user
  )
  insert into nunchi.item_changes as c (project_id, environment, item, shard)
  select distinct project, env, h.item, 0
  from mended m
  cross join lateral (
    select i.item from nunchi.interactions i
    where i.project_id = project and i.environment = env and i.actor = m.actor and i.by_user = m.by_user
    order by i.last_at desc, i.item desc limit 100) h
  where h.item <> subject
  order by 3
  on conflict (project_id, environment, item, shard) do nothing;
end
$$;
revoke execute on function nunchi.mark_crowd(uuid, text, text, jsonb) from public;
