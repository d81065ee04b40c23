-- What actors had to do with items of a catalog, by the facts: one row per actor and item, as one would stand in
-- interactions if there were no others. Part of process(). No moment lies after the event was received: whoever dates
-- events ahead must not be the latest for ever.
create or replace function nunchi.interactions_in(facts nunchi.fact[]) returns setof nunchi.interactions
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  with catalog as materialized (
    select c.project_id, c.environment, nunchi.recommendation_settings_in(c.project_id, c.environment) as said
    from (select distinct f.project_id, f.environment from unnest(facts) f where f.counted) p
    join nunchi.recommendation_catalogs c on c.project_id = p.project_id and c.environment = p.environment
  ), meant as materialized (
    select f.project_id, f.environment, f.id, f.occurred_at, f.anonymous_id, f.user_id, f.country, f.device_class,
      m.kind, case when m.kind = 'dismiss' then 0 else round((c.said -> 'weights' ->> m.kind)::numeric, 3) end as weight
    from unnest(facts) f
    join catalog c on c.project_id = f.project_id and c.environment = f.environment
    cross join lateral (select case f.type when 'page' then 'view' when 'track' then c.said -> 'events' ->> f.name end
      as kind) m
    where f.counted and m.kind is not null and coalesce(f.anonymous_id, f.user_id) is not null
  ), touched as (
    select m.project_id, m.environment, coalesce(m.anonymous_id, m.user_id) as actor, m.anonymous_id is null as by_user,
      i.id as item, m.kind, m.weight, m.id, least(m.occurred_at, e.received_at) as at, e.network, m.country, m.device_class
    from meant m
    cross join lateral (select a.properties, a.received_at, nunchi.network_of(a.context ->> 'ip') as network
      from nunchi.analytics_events a where a.project_id = m.project_id and a.id = m.id offset 0) e
    cross join lateral unnest(nunchi.item_ids_in(e.properties)) n (item)
    cross join lateral (select i.id from nunchi.items i where i.project_id = m.project_id and i.environment = m.environment
      and i.id = n.item and i.deleted_at is null and i.type <> 'person' offset 0) i
  )
  select t.project_id, t.environment, t.actor, t.by_user, t.item, sum(t.weight),
    jsonb_strip_nulls(jsonb_build_object('view', nullif(count(*) filter (where t.kind = 'view'), 0),
      'click', nullif(count(*) filter (where t.kind = 'click'), 0), 'add', nullif(count(*) filter (where t.kind = 'add'), 0),
      'like', nullif(count(*) filter (where t.kind = 'like'), 0), 'buy', nullif(count(*) filter (where t.kind = 'buy'), 0),
      'dismiss', nullif(count(*) filter (where t.kind = 'dismiss'), 0))),
    (array_agg(t.network order by t.at desc, t.id desc))[1], (array_agg(t.country order by t.at desc, t.id desc))[1],
    (array_agg(t.device_class order by t.at desc, t.id desc))[1], (array_agg(t.id order by t.at desc, t.id desc))[1],
    min(t.at), coalesce(max(t.at) filter (where t.weight > 0), max(t.at)), max(t.at) filter (where t.kind = 'dismiss'), false, false
  from touched t
  group by 1, 2, 3, 4, 5
$$;
revoke execute on function nunchi.interactions_in(nunchi.fact[]) from public;
