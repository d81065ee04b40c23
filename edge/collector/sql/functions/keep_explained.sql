-- Keeps, for an hour, what an insight about each of these lists needs, and takes away up to twenty that are older. Part of
-- recommend(), where insights are on.
create or replace function nunchi.keep_explained(project uuid, env text, keeper text, as_user boolean, lists jsonb)
returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
begin
  delete from nunchi.insight_recommendations r where r.ctid = any (array(
    select d.ctid from nunchi.insight_recommendations d where d.expires_at < clock_timestamp()
    order by d.expires_at limit 20 for update skip locked));
  insert into nunchi.insight_recommendations (project_id, environment, recommendation_id, actor, by_user, type, items,
    expires_at)
  select project, env, l.value ->> 'recommendationId', keeper, as_user, l.key,
    (select jsonb_agg(jsonb_build_object('title', i -> 'title', 'tags', i -> 'tags', 'reason', i -> 'reason'))
      from jsonb_array_elements(l.value -> 'items') i), clock_timestamp() + interval '1 hour'
  from jsonb_each(lists) l
  where l.value -> 'items' <> '[]'
  on conflict do nothing;
end
$$;
revoke execute on function nunchi.keep_explained(uuid, text, text, boolean, jsonb) from public;
