-- The actors that a person's recommendations are made of, 20 at most: the user, the devices that became this user, and
-- ids that alias() ended in it. Part of recommend(). A page may say whatever it likes in alias(): only a server's word
-- makes another user's past this person's; of an alias from a page counts an anonymous id alone, which nobody guesses.
create or replace function nunchi.actors_of(project uuid, person text) returns nunchi.actor[]
language sql stable set search_path = '' as $$
  with recursive users (id, steps) as (
    select person, 0
    union
    select a.previous_id, u.steps + 1
    from users u join nunchi.aliases a on a.project_id = project and a.user_id = u.id
    where u.steps < 8 and exists (
      select from nunchi.analytics_events e join nunchi.api_keys k on k.id = e.key_id
      where e.project_id = project and e.id = a.event_id and k.kind = 'srv')
  ), few as (
    select u.id from users u group by 1 order by min(u.steps), 1 limit 10
  ), devices as (
    select i.anonymous_id as id, i.linked_at from nunchi.identities i
    where i.project_id = project and i.user_id in (select f.id from few f)
    union all
    select a.previous_id, a.linked_at from nunchi.aliases a
    where a.project_id = project and a.user_id in (select f.id from few f)
      and not exists (select from nunchi.identities i where i.project_id = project and i.user_id = a.previous_id)
  )
  select array(
    select row(f.id, true)::nunchi.actor from few f
    union all
    select row(d.id, false)::nunchi.actor from (select d.id from devices d group by 1 order by max(d.linked_at) desc, 1 limit 10) d)
$$;
revoke execute on function nunchi.actors_of(uuid, text) from public;
