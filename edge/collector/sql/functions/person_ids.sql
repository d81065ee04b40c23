-- All ids of the person who has this one: devices by first link, users by alias, and what waits to be processed
-- says of both. The id itself is always among them.
create or replace function nunchi.person_ids(project uuid, id text) returns text[]
language sql stable set search_path = '' as $$
  with recursive waiting as materialized (
    select e.type, e.anonymous_id, e.user_id, e.previous_id, e.occurred_at, e.id
    from nunchi.event_processing_queue q, unnest(q.project_ids, q.event_ids) u (project_id, id)
    join nunchi.analytics_events e on e.project_id = u.project_id and e.id = u.id
    where q.processing_status <> 'done' and u.project_id = project and e.user_id is not null
      and (e.anonymous_id is not null or e.previous_id is not null and e.type = 'alias')
  ), link as materialized (
    -- As process_people() will see it: the first one holds, also against one that stands.
    select w.one, w.other, 'identity' as kind
    from (select distinct on (w.anonymous_id) w.anonymous_id as one, w.user_id as other, w.occurred_at, w.id from waiting w
      where w.anonymous_id is not null order by w.anonymous_id, w.occurred_at, w.id) w
    left join nunchi.identities i on i.project_id = project and i.anonymous_id = w.one
    where i.event_id is null or (w.occurred_at, w.id) < (i.linked_at, i.event_id)
    union all
    select w.one, w.other, 'alias'
    from (select distinct on (w.previous_id) w.previous_id as one, w.user_id as other, w.occurred_at, w.id from waiting w
      where w.previous_id is not null and w.type = 'alias' order by w.previous_id, w.occurred_at, w.id) w
    left join nunchi.aliases a on a.project_id = project and a.previous_id = w.one
    where a.event_id is null or (w.occurred_at, w.id) < (a.linked_at, a.event_id)
  ), person (id) as (
    select person_ids.id
    union
    select n.id from person p, lateral (
      select i.user_id from nunchi.identities i where i.project_id = project and i.anonymous_id = p.id
        and not exists (select from link l where l.kind = 'identity' and l.one = i.anonymous_id)
      union all
      select i.anonymous_id from nunchi.identities i where i.project_id = project and i.user_id = p.id
        and not exists (select from link l where l.kind = 'identity' and l.one = i.anonymous_id)
      union all
      select a.user_id from nunchi.aliases a where a.project_id = project and a.previous_id = p.id
        and not exists (select from link l where l.kind = 'alias' and l.one = a.previous_id)
      union all
      select a.previous_id from nunchi.aliases a where a.project_id = project and a.user_id = p.id
        and not exists (select from link l where l.kind = 'alias' and l.one = a.previous_id)
      union all
      select l.other from link l where l.one = p.id
      union all
      select l.one from link l where l.other = p.id
    ) n (id)
  )
  select array_agg(p.id order by p.id = person_ids.id desc, p.id) from person p
$$;
revoke execute on function nunchi.person_ids(uuid, text) from public;
