-- Computes the neighbors of an item by tags and words anew: the cosine of what they have in common, rare things weighing
-- more. Part of refresh_recommendations(), for items that are new or different. What more than 1,000 items have says
-- little about any.
create or replace function nunchi.refresh_content(project uuid, env text, subject text) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  at constant bigint := floor(extract(epoch from clock_timestamp()) * 1000);
  own double precision;
  others text[];
  likeness double precision[];
  takes boolean[];
begin
  with mine as materialized (
    select f.feature, c.items, power(ln(1 + 1000.0 / c.items)::double precision, 2)
      * case when f.feature like 'word:%' then 0.5 else 1 end as weight
    from nunchi.item_features f
    cross join lateral (select count(*) as items from (select from nunchi.item_features o where o.project_id = project
      and o.environment = env and o.feature = f.feature limit 1001) l) c
    where f.project_id = project and f.environment = env and f.item = subject
  ), near as (
    select o.item, sum(m.weight) as shared
    from mine m
    cross join lateral (select * from nunchi.item_features o where o.project_id = project and o.environment = env
      and o.feature = m.feature offset 0) o
    where m.items between 2 and 1000 and o.item <> subject
    group by o.item order by 2 desc, 1 limit 30
  ), weighed as (
    select n.item, least(1, n.shared / sqrt(s.weight * coalesce(t.words, s.weight))) as similarity
    from near n cross join (select sum(m.weight) as weight from mine m) s
    left join lateral (select t.words from nunchi.item_stats t where t.project_id = project and t.environment = env
      and t.item = n.item offset 0) t on true
  )
  select (select sum(m.weight) from mine m), array_agg(w.item order by w.similarity desc, w.item),
    array_agg(w.similarity order by w.similarity desc, w.item), array_agg(not exists (
      -- The thirtieth of the other's list.
      select from (select r.similarity from nunchi.item_neighbors r where r.project_id = project and r.environment = env
        and r.item = w.item and r.source = 'content' order by r.similarity desc offset 29 limit 1) l
      where l.similarity >= w.similarity) order by w.similarity desc, w.item)
  into own, others, likeness, takes from weighed w;

  update nunchi.item_stats t set words = own
  where t.project_id = project and t.environment = env and t.item = subject;
  perform nunchi.write_near(project, env, subject, 'content', coalesce(others, '{}'), likeness,
    array_fill(0::double precision, array[coalesce(cardinality(others), 0)]), takes, at);
end
$$;
revoke execute on function nunchi.refresh_content(uuid, text, text) from public;
