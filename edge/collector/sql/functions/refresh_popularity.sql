-- Computes how much an item is had to do with lately, for everybody and by country and device class, from the latest
-- 5,000 who had. Part of refresh_recommendations(). Who has to do with one item alone counts a tenth, with two or three
-- four, with more ten to thirteen tenths, whatever they do; all visitors of one network together as `networkCap` of them
-- at most, and of the network that says most nine tenths are left out: it may be one who wants to be seen. Who came in a
-- crowd from one network, or does more than a person does, counts nowhere.
create or replace function nunchi.refresh_popularity(project uuid, env text, subject text, said jsonb) returns void
language plpgsql set search_path = '' set enable_seqscan = off as $$
declare
  life constant double precision := 86400 * (said ->> 'popularityHalfLifeDays')::double precision;
  crowd constant double precision := (said ->> 'networkCap')::double precision;
  era constant double precision := (extract(epoch from now()) - 1767225600) / life;
begin
  with actors as materialized (
    select i.actor, i.by_user, i.network, i.country, i.device_class,
      (1 + 0.1 / ln(2::double precision) * ln(least(greatest(i.weight, 1), 8)::double precision))
        * (array[0.1, 0.1, 0.4, 1])[1 + width_bucket(b.items, array[1, 2, 4]::bigint[])]
        * power(2::double precision, greatest(extract(epoch from i.last_at - now()) / life, -300)) as counts
    from (
      select * from nunchi.interactions a
      where a.project_id = project and a.environment = env and a.item = subject and a.weight > 0
        and (a.dismissed_at < a.last_at) is not false
        and not exists (select from nunchi.interactions x where x.project_id = project and x.environment = env
          and x.actor = a.actor and x.by_user = a.by_user and (x.crowded or x.loud))
      order by a.last_at desc, a.actor, a.by_user limit 5000) i
    cross join lateral (select count(*) as items from (
        select from nunchi.interactions o
        where o.project_id = project and o.environment = env and o.actor = i.actor and o.by_user = i.by_user
          and o.weight > 0 and (o.dismissed_at < o.last_at) is not false limit 4) l) b
  ), crowds as (
    select s.segment, sum(a.counts) * least(1, crowd / count(*)) as counts, least(count(*), crowd) as people
    from actors a
    cross join lateral (values (''), ('country:' || a.country), ('device:' || a.device_class)) s (segment)
    where s.segment is not null
    group by s.segment, coalesce(a.network, a.by_user || a.actor), a.network is null
  ), scores as (
    select c.segment, ln(sum(c.counts) - 0.9 * max(c.counts)) / ln(2::double precision) + era as score
    from crowds c group by c.segment
    -- What one visitor or one network says alone is not what many do.
    having sum(c.counts) > 1e-290 and sum(c.people) > crowd
  ), gone as (
    delete from nunchi.item_popularity p where p.project_id = project and p.environment = env and p.item = subject
      and not exists (select from scores s where s.segment = p.segment)
  )
  insert into nunchi.item_popularity as p (project_id, environment, type, segment, item, score)
  select project, env, i.type, s.segment, subject, s.score
  from scores s join nunchi.items i on i.project_id = project and i.environment = env and i.id = subject
    and i.deleted_at is null
  on conflict (project_id, environment, item, segment) do update set type = excluded.type, score = excluded.score;
end
$$;
revoke execute on function nunchi.refresh_popularity(uuid, text, text, jsonb) from public;
