-- nunchi_data.alias_end(): where a chain of aliases ends, step by step. For the few ids that have one. A chain is
-- followed for 32 steps, as processing does: whoever makes up a longer one must not make every question slow.
create or replace function nunchi_data.alias_end(project uuid, id text) returns text
language sql stable begin atomic
  with recursive step as (
    select a.user_id as current, array[a.previous_id] as seen
    from nunchi.aliases a where a.project_id = project and a.previous_id = alias_end.id
    union all
    select a.user_id, s.seen || s.current
    from step s join nunchi.aliases a on a.project_id = project and a.previous_id = s.current
    where not s.current = any (s.seen) and cardinality(s.seen) < 32
  ), last as (
    select s.current, s.seen from step s order by cardinality(s.seen) desc limit 1
  )
  -- Of ids that go round in a circle the smallest, as processing has it.
  select case when l.current = any (l.seen)
    then (select min(c) from unnest(l.seen[array_position(l.seen, l.current):]) c) else l.current end
  from last l;
end;
revoke execute on function nunchi_data.alias_end(uuid, text) from public;
grant execute on function nunchi_data.alias_end(uuid, text) to nunchi_reader;
comment on function nunchi_data.alias_end(uuid, text) is 'The id that an id goes on as at the end of its chain of aliases, 32 at most; null where it has none.';
