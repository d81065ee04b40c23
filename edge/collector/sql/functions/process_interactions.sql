-- Who had to do with which items, and what became of recommendations. Part of process(). Neighbors, popularity and
-- preferences are not computed here: what changed is noted, and refresh_recommendations() follows within seconds, so
-- that no visitor, however busy, makes processing wait. Without a catalog it costs one look.
create or replace function nunchi.process_interactions(facts nunchi.fact[], worker smallint) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
declare
  said nunchi.interactions[];
  -- How many items each actor has to do with, in steps of twice as many: one per element of `said`.
  before integer[];
  after integer[];
begin
  if not exists (
    select from (select distinct f.project_id, f.environment from unnest(facts) f) p
    join nunchi.recommendation_catalogs c on c.project_id = p.project_id and c.environment = p.environment)
  then
    return;
  end if;
  perform nunchi.process_recommendations(facts, worker);
  perform nunchi.forget_answers(facts);
  select array_agg(i order by i.project_id, i.environment, i.actor, i.by_user, i.item) into said
  from nunchi.interactions_in(facts) i;
  if said is null then
    return;
  end if;

  before := nunchi.activity_steps(said);
  insert into nunchi.interactions as i
  select s.* from unnest(said) s
  on conflict (project_id, environment, actor, by_user, item) do update
  set (weight, kinds, network, country, device_class, event_id, first_at, last_at, dismissed_at) = (
    select m.weight, m.kinds, m.network, m.country, m.device_class, m.event_id, m.first_at, m.last_at, m.dismissed_at
    from nunchi.merge_interaction(i, excluded) m);
  after := nunchi.activity_steps(said);
  update nunchi.interactions i set loud = true
  from unnest(said, before, after) s (project_id, environment, actor, by_user, item, weight, kinds, network, country,
    device_class, event_id, first_at, last_at, dismissed_at, crowded, loud, before, after)
  where s.before < 8 and s.after = 8 and i.project_id = s.project_id and i.environment = s.environment
    and i.actor = s.actor and i.by_user = s.by_user and i.item = s.item;

  insert into nunchi.item_changes as c (project_id, environment, item, shard)
  select distinct t.project_id, t.environment, t.item, worker
  from (
    select s.project_id, s.environment, s.item from unnest(said) s
    union all
    -- An actor's other items: all where the damping of its activity takes a step, those that fell out of its latest
    -- hundred where it had so many.
    select a.project_id, a.environment, h.item
    from (
      select s.project_id, s.environment, s.actor, s.by_user, min(s.before) as before, min(s.after) as after, count(*) as items
      from unnest(said, before, after) s (project_id, environment, actor, by_user, item, weight,
        kinds, network, country, device_class, event_id, first_at, last_at, dismissed_at, crowded, loud, before, after)
      group by 1, 2, 3, 4
    ) a
    cross join lateral (
      select i.item, row_number() over (order by i.last_at desc, i.item desc) as n
      from nunchi.interactions i
      where i.project_id = a.project_id and i.environment = a.environment and i.actor = a.actor and i.by_user = a.by_user
      order by i.last_at desc, i.item desc limit 100 + least(a.items, 100)
    ) h
    where a.before <> a.after or h.n > 100
  ) t
  order by 1, 2, 3
  on conflict (project_id, environment, item, shard) do update set since = c.since;

  insert into nunchi.actor_changes as c (project_id, environment, actor, by_user, shard)
  select distinct s.project_id, s.environment, s.actor, s.by_user, worker from unnest(said) s
  order by 1, 2, 3, 4
  on conflict (project_id, environment, actor, by_user, shard) do update set since = c.since;
end
$$;
revoke execute on function nunchi.process_interactions(nunchi.fact[], smallint) from public;
