-- Who may be shown to a person now, best first: both take part, have a profile that stands, are what the other looks for,
-- have not blocked each other, and neither has decided against the other; of `suggestions` the person has not decided at
-- all, of `mutual` both have said yes. Those whom the job has not compared with the person yet (newcomers, 300 of the
-- latest) are judged by their profiles; and so are the reasons of a pair of whom one's profile changed since. `past` and
-- `past_id` are where the page before ended; `only` asks about one other alone. Part of match().
create or replace function nunchi.match_pairs(project uuid, env text, person text, list text, past real, past_id text,
  most integer, only_id text default null)
returns table (other nunchi.items, score real, reasons jsonb)
language plpgsql stable set search_path = '' set enable_seqscan = off as $$
#variable_conflict use_column
declare
  me nunchi.items;
begin
  select i.* into me from nunchi.items i where i.project_id = project and i.environment = env and i.id = person
    and i.type = 'person' and i.deleted_at is null and i.available;
  if me.id is null or not exists (select from nunchi.match_consents c where c.project_id = project and c.environment = env
    and c.user_id = person and c.given)
  then
    return;
  end if;
  return query
  with known as (
    select c.other_id, c.score, c.reasons, c.generation from nunchi.match_candidates c
    where c.project_id = project and c.environment = env and c.user_id = person
  ), latest as (
    select c.user_id from nunchi.match_consents c
    where c.project_id = project and c.environment = env and c.given and c.user_id <> person and list = 'suggestions'
    order by c.at desc, c.user_id limit 300
  ), chosen as (
    select d.other_id from nunchi.match_decisions d
    where d.project_id = project and d.environment = env and d.user_id = person and d.yes and list = 'mutual'
  ), pool as (
    select k.other_id, k.score, k.reasons, k.generation from known k where list = 'suggestions'
    union all
    select n.id, null, null, null from (select l.user_id as id from latest l union select c.other_id from chosen c) n
    where list = 'mutual' or n.id not in (select k.other_id from known k)
  ), standing as (
    select i as other, p.score, case when p.generation >= floor(extract(epoch from greatest(me.updated_at, i.updated_at)) * 1000)
      then p.reasons end as reasons
    from pool p
    join nunchi.items i on i.project_id = project and i.environment = env and i.id = p.other_id and i.type = 'person'
      and i.deleted_at is null and i.available
    join nunchi.match_consents c on c.project_id = project and c.environment = env and c.user_id = p.other_id and c.given
    left join nunchi.match_decisions said on said.project_id = project and said.environment = env
      and said.user_id = p.other_id and said.other_id = person
    where (only_id is null or p.other_id = only_id)
      and (list = 'mutual' and said.yes is true or list = 'suggestions' and said.yes is not false and not exists (
        select from nunchi.match_decisions d where d.project_id = project and d.environment = env
          and d.user_id = person and d.other_id = p.other_id))
      and not exists (select from nunchi.match_blocks b where b.project_id = project and b.environment = env
        and (b.user_id = person and b.blocked_id = p.other_id or b.user_id = p.other_id and b.blocked_id = person))
  ), judged as (
    select s.other, coalesce(s.score, a.score) as score, coalesce(s.reasons, a.reasons) as reasons
    from standing s
    left join lateral nunchi.match_alike(me, s.other) a on s.reasons is null
    where list = 'mutual' or nunchi.match_fits(me, s.other)
  )
  select j.other, j.score, j.reasons from judged j
  where past is null or (j.score, (j.other).id) < (past, past_id)
  order by j.score desc, (j.other).id desc
  limit most;
end
$$;
revoke execute on function nunchi.match_pairs(uuid, text, text, text, real, text, integer, text) from public;
