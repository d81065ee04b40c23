-- What identities, aliases and traits should hold because of the events of a span: `place` names the row within
-- its table, `fact` what it says, `at` and `event` when and by which event. Part of recount().
create or replace function nunchi.recount_people(project uuid, since timestamptz, until timestamptz)
returns table (area text, place text[], fact jsonb, at timestamptz, event uuid)
language sql stable set search_path = '' set jit = off as $$
  with r as materialized (select * from nunchi.raw_events(project, since, until))
  select 'identities', array[x.anonymous_id], to_jsonb(x.user_id), x.occurred_at, x.id
  from (select r.*, row_number() over (partition by anonymous_id order by occurred_at, id) as n from r
    where anonymous_id is not null and user_id is not null) x where x.n = 1
  union all
  select 'aliases', array[x.previous_id], to_jsonb(x.user_id), x.occurred_at, x.id
  from (select r.*, row_number() over (partition by previous_id order by occurred_at, id) as n from r
    where type = 'alias' and user_id <> previous_id) x where x.n = 1
  union all
  select 'traits', array[x.kind, x.subject, x.key], x.value, x.occurred_at, x.id
  from (
    select s.kind, s.subject, t.key, t.value, r.occurred_at, r.id,
      row_number() over (partition by s.kind, s.subject, t.key order by r.occurred_at desc, r.id desc) as n
    from r
    cross join lateral (values ('user', coalesce(r.user_id, r.anonymous_id), 'identify'), ('group', r.group_id, 'group'))
      s (kind, subject, type)
    cross join lateral jsonb_each(case when jsonb_typeof(r.properties) = 'object' then r.properties else '{}' end) t
    where r.type = s.type and s.subject is not null and length(t.key) < 201
  ) x where x.n = 1
$$;
revoke execute on function nunchi.recount_people(uuid, timestamptz, timestamptz) from public;
