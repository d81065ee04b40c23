-- { projectId, environment, after?, limit? = 10000 } → { rows: [[actor, item, weight, lastAt, network]], next }: who had to
-- do with which items of the catalog, actor by actor; `actor` begins with `v:` for a visitor and `u:` for a user, `lastAt`
-- is in ms, `network` may be null. Of each actor the latest 100; dismissed ones are left out, and so is who came in a
-- crowd or does more than a person does. `next` is the next page's
-- `after`, or null. A page holds whole actors: at most `limit` rows, and those of one actor more. Run by the job.
create or replace function nunchi.training_interactions(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set enable_seqscan = off set enable_hashjoin = off set jit = off as $$
  with recursive walk as (
    -- The actors in the order of the key, one look at the index each.
    (select i.actor, i.by_user, 0::bigint as rows from nunchi.interactions i
      where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
        and (args -> 'after' is null or args -> 'after' = 'null' or (i.actor, i.by_user)
          > (args -> 'after' ->> 0, (args -> 'after' ->> 1)::boolean))
      order by i.actor, i.by_user limit 1)
    union all
    select n.actor, n.by_user, w.rows + (select count(*) from (select from nunchi.interactions i
        where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
          and i.actor = w.actor and i.by_user = w.by_user limit 100) l)
    from walk w
    cross join lateral (
      select i.actor, i.by_user from nunchi.interactions i
      where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
        and (i.actor, i.by_user) > (w.actor, w.by_user)
      order by i.actor, i.by_user limit 1) n
    where w.rows < least(greatest(coalesce((args ->> 'limit')::integer, 10000), 1), 20000)
  ), page as materialized (
    select w.actor, w.by_user from walk w
    where w.rows < least(greatest(coalesce((args ->> 'limit')::integer, 10000), 1), 20000)
  ), last as (
    select w.actor, w.by_user, exists (select from nunchi.interactions i
      where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
        and (i.actor, i.by_user) > (w.actor, w.by_user)) as more
    from page w order by w.actor desc, w.by_user desc limit 1
  )
  select jsonb_build_object('next', (select jsonb_build_array(l.actor, l.by_user) from last l where l.more),
    'rows', (select coalesce(jsonb_agg(jsonb_build_array(case when p.by_user then 'u:' else 'v:' end || p.actor, h.item,
        h.weight, floor(extract(epoch from h.last_at) * 1000)::bigint, h.network) order by p.actor, p.by_user, h.item), '[]')
      from page p
      cross join lateral (
        select * from (
          select i.item, i.weight, i.last_at, i.dismissed_at, i.network from nunchi.interactions i
          where i.project_id = (args ->> 'projectId')::uuid and i.environment = args ->> 'environment'
            and i.actor = p.actor and i.by_user = p.by_user
          order by i.last_at desc, i.item desc limit 100) l
        where l.weight > 0 and (l.dismissed_at < l.last_at) is not false) h
      cross join lateral (select from nunchi.items t where t.project_id = (args ->> 'projectId')::uuid
        and t.environment = args ->> 'environment' and t.id = h.item and t.deleted_at is null offset 0) t
      where not exists (select from nunchi.interactions x where x.project_id = (args ->> 'projectId')::uuid
        and x.environment = args ->> 'environment' and x.actor = p.actor and x.by_user = p.by_user
        and (x.crowded or x.loud))))
$$;
revoke execute on function nunchi.training_interactions(jsonb) from public;
grant execute on function nunchi.training_interactions(jsonb) to nunchi_app;
