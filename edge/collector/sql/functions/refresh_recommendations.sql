-- { limit? = 50 } → { items, actors, more }: computes what has changed since the last call, for so many items and actors
-- of one catalog, longest waiting first: neighbors, popularity, preferences. To be called again while there is `more`.
-- Any number of callers may: one works on a catalog at a time. What 200 actors and more had to do with waits until its
-- last time is a while ago, up to ten minutes, so that what everybody looks at is not computed all day.
create or replace function nunchi.refresh_recommendations(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  most constant integer := least(greatest(coalesce((args ->> 'limit')::integer, 50), 1), 1000);
  catalog record;
  said jsonb;
  changed text[];
  described text[];
  subject text;
  whom nunchi.actor[];
  one nunchi.actor;
  items integer := 0;
  actors integer := 0;
begin
  for catalog in
    select k.project_id, k.environment from (
      (select c.project_id, c.environment, c.since from nunchi.item_changes c order by c.since limit 1000)
      union all
      (select c.project_id, c.environment, c.since from nunchi.actor_changes c order by c.since limit 1000)) k
    group by 1, 2 order by min(k.since)
  loop
    continue when not pg_try_advisory_xact_lock(hashtext('nunchi.refresh'), hashtext(catalog.project_id || catalog.environment));
    said := nunchi.recommendation_settings_in(catalog.project_id, catalog.environment);
    with claimed as (
      select c.ctid from nunchi.item_changes c
      left join nunchi.item_stats t on t.project_id = c.project_id and t.environment = c.environment and t.item = c.item
      where c.project_id = catalog.project_id and c.environment = catalog.environment
        and (c.shard < 0 or coalesce(t.actors, 0) < 200
          or t.refreshed_at <= clock_timestamp() - make_interval(secs => least(t.actors * 0.05, 600)))
      order by c.since limit most for update of c skip locked
    ), gone as (
      delete from nunchi.item_changes c where c.ctid = any (array(select k.ctid from claimed k)) returning c.item, c.shard
    ), each as (
      select g.item, bool_or(g.shard < 0) as described from gone g group by g.item
    )
    select coalesce(array_agg(e.item order by e.item), '{}'), coalesce(array_agg(e.item) filter (where e.described), '{}')
    into changed, described from each e;
    foreach subject in array changed loop
      if exists (select from nunchi.items i where i.project_id = catalog.project_id
        and i.environment = catalog.environment and i.id = subject and i.deleted_at is null)
      then
        perform nunchi.refresh_item(catalog.project_id, catalog.environment, subject, said);
        if subject = any (described) then
          perform nunchi.refresh_content(catalog.project_id, catalog.environment, subject);
        end if;
      else
        perform nunchi.forget_item(catalog.project_id, catalog.environment, subject);
      end if;
    end loop;
    items := cardinality(changed);

    with gone as (
      delete from nunchi.actor_changes c where c.ctid = any (array(
        select k.ctid from nunchi.actor_changes k
        where k.project_id = catalog.project_id and k.environment = catalog.environment
        order by k.since limit most * 4 for update skip locked))
      returning c.actor, c.by_user
    )
    select coalesce(array_agg(distinct row(g.actor, g.by_user)::nunchi.actor), '{}') into whom from gone g;
    foreach one in array whom loop
      perform nunchi.refresh_actor(catalog.project_id, catalog.environment, one.id, one.by_user, said);
    end loop;
    actors := cardinality(whom);
    exit when items > 0 or actors > 0;
  end loop;
  return jsonb_build_object('items', items, 'actors', actors, 'more', items > 0 or actors > 0);
end
$$;
revoke execute on function nunchi.refresh_recommendations(jsonb) from public;
grant execute on function nunchi.refresh_recommendations(jsonb) to nunchi_app;
