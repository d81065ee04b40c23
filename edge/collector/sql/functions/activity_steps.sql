-- For each of the rows how many items its actor has to do with, in steps of twice as many: 0 for none, 1 for one, 2 from
-- two, 3 from four, up to 7 from 64; 8 for who does more than a person does, and is not heard: with one item what weighs
-- more than 500, and more than 100 a day, or with the latest 100 together more than 2,000, and more than 400 a day. Part
-- of process(). Each actor is looked up once.
create or replace function nunchi.activity_steps(said nunchi.interactions[]) returns integer[]
language sql stable set search_path = '' set enable_seqscan = off set jit = off as $$
  select array_agg(k.step order by s.n)
  from unnest(said) with ordinality s (project_id, environment, actor, by_user, item, weight, kinds, network, country,
    device_class, event_id, first_at, last_at, dismissed_at, crowded, loud, n)
  join (
    select a.*, case when exists (select from nunchi.interactions x where x.project_id = a.project_id
        and x.environment = a.environment and x.actor = a.actor and x.by_user = a.by_user
        and (x.crowded or x.loud) and x.loud) then 8
      else (select case when bool_or(l.weight > 500 and l.weight > 100 * (1 + extract(epoch from l.last_at - l.first_at) / 86400))
          or sum(l.weight) > 2000 and sum(l.weight) > 400 * (1 + extract(epoch from max(l.last_at) - min(l.first_at)) / 86400)
          then 8
        else width_bucket(count(*) filter (where l.weight > 0 and (l.dismissed_at < l.last_at) is not false),
          array[1, 2, 4, 8, 16, 32, 64]::bigint[]) end from (
        select i.weight, i.dismissed_at, i.first_at, i.last_at from nunchi.interactions i
        where i.project_id = a.project_id and i.environment = a.environment and i.actor = a.actor and i.by_user = a.by_user
        order by i.last_at desc, i.item desc limit 100) l) end as step
    from (select distinct s.project_id, s.environment, s.actor, s.by_user from unnest(said) s) a
  ) k on k.project_id = s.project_id and k.environment = s.environment and k.actor = s.actor and k.by_user = s.by_user
$$;
revoke execute on function nunchi.activity_steps(nunchi.interactions[]) from public;
