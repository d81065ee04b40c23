-- { limit? = 50, budgetMs? = 1000 } → { items, actors, more }: computes what has changed since the last call, for so many
-- items and actors of one catalog, longest waiting first: neighbors, popularity, preferences. To be called again while
-- there is `more`. No item is begun after so many ms, but the first: what is computed is kept, others get their turn, and
-- a slow machine gets on, too.
-- Any number of callers may: one works on a catalog at a time. What 200 actors and more had to do with waits until its
-- last time is a while ago, up to ten minutes, so that what everybody looks at is not computed all day.
create or replace function nunchi.refresh_recommendations(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  most constant integer := least(greatest(coalesce((args ->> 'limit')::integer, 50), 1), 1000);
  catalog record;
  said jsonb;
  enough constant timestamptz := clock_timestamp() + make_interval(secs => coalesce((args ->> 'budgetMs')::integer, 1000) / 1000.0);
  subject text;
  described boolean;
  places tid[];
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
    perform nunchi.find_crowds(catalog.project_id, catalog.environment, said);
    for subject, described, places in
      select k.item, bool_or(k.shard < 0), array_agg(k.ctid) from (
        select c.ctid, c.item, c.shard, c.since from nunchi.item_changes c
        left join nunchi.item_stats t on t.project_id = c.project_id and t.environment = c.environment and t.item = c.item
        where c.project_id = catalog.project_id and c.environment = catalog.environment
          and (c.shard < 0 or coalesce(t.actors, 0) < 200
            or t.refreshed_at <= clock_timestamp() - make_interval(secs => least(t.actors * 0.05, 600)))
        order by c.since limit most for update of c skip locked) k
      group by k.item order by min(k.since), k.item
    loop
      delete from nunchi.item_changes c where c.ctid = any (places);
      if exists (select from nunchi.items i where i.project_id = catalog.project_id
        and i.environment = catalog.environment and i.id = subject and i.deleted_at is null)
      then
        perform nunchi.refresh_item(catalog.project_id, catalog.environment, subject, said);
        if described then
          perform nunchi.refresh_content(catalog.project_id, catalog.environment, subject);
        end if;
      else
        perform nunchi.forget_item(catalog.project_id, catalog.environment, subject);
      end if;
      items := items + 1;
      exit when clock_timestamp() >= enough;
    end loop;

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
