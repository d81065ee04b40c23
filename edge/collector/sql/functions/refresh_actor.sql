-- Derives what an actor prefers from the latest 100 items that it had to do with: types, tags and the attributes that
-- the settings name. Part of refresh_recommendations(). The confidence grows with the share of the actor's interest that
-- a value has, and with how many items say so.
create or replace function nunchi.refresh_actor(project uuid, env text, who text, as_user boolean, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  life constant double precision := 86400 * (said ->> 'halfLifeDays')::double precision;
begin
  with latest as materialized (
    select i.item, max(i.last_at) over () as newest, ln(1 + least(i.weight, (said ->> 'cap')::numeric))::double precision
      * power(2::double precision, greatest(extract(epoch from i.last_at - max(i.last_at) over ()) / life, -300)) as v
    from (select * from nunchi.interactions a where a.project_id = project and a.environment = env and a.actor = who
      and a.by_user = as_user order by a.last_at desc, a.item desc limit 100) i
    where i.weight > 0 and (i.dismissed_at < i.last_at) is not false
  ), told as (
    select k.kind, k.value, sum(l.v) / (select sum(a.v) from latest a) * count(*) / (count(*) + 2.0) as confidence,
      max(l.newest) as newest
    from latest l
    cross join lateral (select * from nunchi.items i where i.project_id = project and i.environment = env and i.id = l.item
      offset 0) i
    cross join lateral (
      select 'type' as kind, i.type as value
      union all select 'tag', t from unnest(i.tags) t
      union all select a.name, left(i.attributes ->> a.name, 200)
      from jsonb_array_elements_text(said -> 'preferences') a (name)
      where jsonb_typeof(i.attributes -> a.name) in ('string', 'number', 'boolean')
    ) k
    group by 1, 2
  ), best as (
    select * from (select t.*, row_number() over (partition by t.kind order by t.confidence desc, t.value) as n from told t) r
    where r.n <= 20
  ), gone as (
    delete from nunchi.user_preferences p where p.project_id = project and p.environment = env and p.actor = who
      and p.by_user = as_user and not exists (select from best b where b.kind = p.preference_type and b.value = p.preference_value)
  )
  insert into nunchi.user_preferences as p (project_id, environment, actor, by_user, preference_type, preference_value,
    confidence_score, updated_at)
  select project, env, who, as_user, b.kind, b.value, least(greatest(b.confidence, 0), 1)::real, b.newest from best b
  order by 5, 6
  on conflict (project_id, environment, actor, by_user, preference_type, preference_value) do update
  set confidence_score = excluded.confidence_score, updated_at = excluded.updated_at;
end
$$;
revoke execute on function nunchi.refresh_actor(uuid, text, text, boolean, jsonb) from public;
