-- How often each item was seen in and clicked from a list, by day: Recommendation Viewed { items: [ID], list } and
-- Recommendation Clicked { itemId, list }. Part of process(). Of items that the catalog does not hold nothing is counted.
create or replace function nunchi.process_recommendations(facts nunchi.fact[], worker smallint) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
begin
  if not exists (select from unnest(facts) f
    where f.counted and f.type = 'track' and f.name in ('Recommendation Viewed', 'Recommendation Clicked'))
  then
    return;
  end if;
  insert into nunchi.recommendation_days as r (project_id, environment, day, list, item, shard, impressions, clicks)
  select f.project_id, f.environment, f.day, e.list, i.id, worker,
    count(*) filter (where f.name = 'Recommendation Viewed'), count(*) filter (where f.name = 'Recommendation Clicked')
  from unnest(facts) f
  cross join lateral (select a.properties, case when a.properties ->> 'list' in ('user', 'contextual', 'similar', 'trending')
      then a.properties ->> 'list' else 'other' end as list
    from nunchi.analytics_events a where a.project_id = f.project_id and a.id = f.id offset 0) e
  cross join lateral unnest(nunchi.item_ids_in(e.properties)) n (item)
  cross join lateral (select i.id from nunchi.items i where i.project_id = f.project_id and i.environment = f.environment
    and i.id = n.item offset 0) i
  where f.counted and f.type = 'track' and f.name in ('Recommendation Viewed', 'Recommendation Clicked')
  group by 1, 2, 3, 4, 5
  order by 1, 2, 3, 4, 5
  on conflict (project_id, environment, day, list, item, shard) do update
  set impressions = r.impressions + excluded.impressions, clicks = r.clicks + excluded.clicks;
end
$$;
revoke execute on function nunchi.process_recommendations(nunchi.fact[], smallint) from public;
