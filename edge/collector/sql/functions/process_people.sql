-- Whom the events name: the first link of each visitor to a user, the first alias of each id, the newest value of
-- each trait. Part of process(). First and newest go by when it occurred, then by id, in whatever order the events
-- come. Everyone writes in the order of the keys, so that two workers cannot deadlock.
create or replace function nunchi.process_people(facts nunchi.fact[]) returns void
language plpgsql set search_path = '' set jit = off as $$
begin
  insert into nunchi.identities as i (project_id, anonymous_id, user_id, linked_at, event_id)
  select n.project_id, n.anonymous_id, n.user_id, n.occurred_at, n.id
  from (
    select distinct on (f.project_id, f.anonymous_id) f.project_id, f.anonymous_id, f.user_id, f.occurred_at, f.id
    from unnest(facts) f where f.anonymous_id is not null and f.user_id is not null
    order by f.project_id, f.anonymous_id, f.occurred_at, f.id
  ) n
  -- Most visitors are known already: their rows need no lock.
  left join nunchi.identities k on k.project_id = n.project_id and k.anonymous_id = n.anonymous_id
  where k.event_id is null or (n.occurred_at, n.id) < (k.linked_at, k.event_id)
  order by n.project_id, n.anonymous_id
  on conflict (project_id, anonymous_id) do update
  set user_id = excluded.user_id, linked_at = excluded.linked_at, event_id = excluded.event_id
  where (excluded.linked_at, excluded.event_id) < (i.linked_at, i.event_id);

  insert into nunchi.aliases as a (project_id, previous_id, user_id, linked_at, event_id)
  select distinct on (f.project_id, f.previous_id) f.project_id, f.previous_id, f.user_id, f.occurred_at, f.id
  from unnest(facts) f
  where f.type = 'alias' and f.previous_id is not null and f.user_id is not null and f.previous_id <> f.user_id
  order by f.project_id, f.previous_id, f.occurred_at, f.id
  on conflict (project_id, previous_id) do update
  set user_id = excluded.user_id, linked_at = excluded.linked_at, event_id = excluded.event_id
  where (excluded.linked_at, excluded.event_id) < (a.linked_at, a.event_id);

  insert into nunchi.traits as t (project_id, kind, subject, key, value, set_at, event_id)
  select distinct on (f.project_id, s.kind, s.subject, v.key) f.project_id, s.kind, s.subject, v.key, v.value,
    f.occurred_at, f.id
  from unnest(facts) f
  cross join lateral (select case f.type when 'group' then 'group' else 'user' end as kind,
    case f.type when 'group' then f.group_id else coalesce(f.user_id, f.anonymous_id) end as subject) s
  cross join lateral jsonb_each(f.traits) v
  where f.traits is not null and s.subject is not null and length(v.key) <= 200
  order by f.project_id, s.kind, s.subject, v.key, f.occurred_at desc, f.id desc
  on conflict (project_id, kind, subject, key) do update
  set value = excluded.value, set_at = excluded.set_at, event_id = excluded.event_id
  where (excluded.set_at, excluded.event_id) > (t.set_at, t.event_id);
end
$$;
revoke execute on function nunchi.process_people(nunchi.fact[]) from public;
