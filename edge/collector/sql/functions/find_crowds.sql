-- Notes the networks that a catalog's visitors come from in a crowd, whatever they look at: more than six times as many
-- as a network may count for, and more than one in twenty of all. Where there are more than 2,000 visitors nobody is
-- counted: a crowd would have to be of more than a hundred, and mark_crowd() finds it item by item. Items that a crowd had
-- to do with are computed anew. Part of refresh_recommendations().
create or replace function nunchi.find_crowds(project uuid, env text, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  crowd constant double precision := (said ->> 'networkCap')::double precision;
  most constant integer := 2000;
  known text[];
  found text[];
begin
  select c.crowds into known from nunchi.recommendation_catalogs c where c.project_id = project and c.environment = env;
  with recursive walk as (
    -- The actors in the order of the index, one look each; the network is that of the latest interaction.
    (select i.actor, i.by_user, i.network, 1 as n from nunchi.interactions i
      where i.project_id = project and i.environment = env
      order by i.actor, i.by_user, i.last_at desc, i.item limit 1)
    union all
    select x.actor, x.by_user, x.network, w.n + 1
    from walk w
    cross join lateral (
      select i.actor, i.by_user, i.network from nunchi.interactions i
      where i.project_id = project and i.environment = env and (i.actor, i.by_user) > (w.actor, w.by_user)
      order by i.actor, i.by_user, i.last_at desc, i.item limit 1) x
    where w.n <= most
  ), visitors as materialized (
    select w.network from walk w
  )
  select coalesce(array_agg(n.network order by n.network), '{}') into found from (
    select v.network from visitors v where v.network is not null group by v.network
    having count(*) > 6 * crowd and count(*) * 20 > (select count(*) from visitors)
      and (select count(*) from visitors) <= most) n;
  if found is distinct from known then
    update nunchi.recommendation_catalogs c set crowds = found where c.project_id = project and c.environment = env;
    insert into nunchi.item_changes as c (project_id, environment, item, shard)
    select distinct project, env, i.item, 0 from nunchi.interactions i
    where i.project_id = project and i.environment = env
      and (i.network = any (known) or i.network = any (found)) and i.crowded <> (i.network = any (found))
    order by 3
    on conflict (project_id, environment, item, shard) do nothing;
  end if;
end
$$;
revoke execute on function nunchi.find_crowds(uuid, text, jsonb) from public;
