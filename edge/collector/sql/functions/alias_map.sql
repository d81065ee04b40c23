-- Each id of a project that alias() ended, and the id that it goes on as in the end. Where aliases run in a circle,
-- all ids of the circle are the smallest of them. A chain is followed for 32 steps: nobody is renamed so often, and
-- whoever makes up a longer one must not make every figure slow.
create or replace function nunchi.alias_map(project uuid) returns table (previous_id text, person text)
language sql stable set search_path = '' as $$
  with recursive step as (
    select a.previous_id as origin, a.user_id as current, array[a.previous_id] as seen
    from nunchi.aliases a where a.project_id = project
    union all
    select s.origin, a.user_id, s.seen || s.current
    from step s join nunchi.aliases a on a.project_id = project and a.previous_id = s.current
    where not s.current = any (s.seen) and cardinality(s.seen) < 32
  )
  -- The last step of each chain: it ends at an id that no alias ends, or comes upon one that it has seen.
  select s.origin, case when s.current = any (s.seen)
    then (select min(c) from unnest(s.seen[array_position(s.seen, s.current):]) c) else s.current end
  from step s
  where s.current = any (s.seen) or cardinality(s.seen) = 32
    or not exists (select from nunchi.aliases a where a.project_id = project and a.previous_id = s.current)
$$;
revoke execute on function nunchi.alias_map(uuid) from public;
