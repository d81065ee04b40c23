-- nunchi_data.aliases: ids that ended, and the id that each goes on as, over any number of steps.
create or replace view nunchi_data.aliases with (security_invoker = true) as
with recursive step as (
  select a.project_id, a.previous_id, a.user_id as current, a.linked_at, array[a.previous_id] as seen
  from nunchi.aliases a
  union all
  select s.project_id, s.previous_id, a.user_id, s.linked_at, s.seen || s.current
  from step s
  join nunchi.aliases a on a.project_id = s.project_id and a.previous_id = s.current
  where not s.current = any (s.seen)
)
-- The last step of each chain; of ids that go round in a circle the smallest, as alias_map() has it. There is one
-- for each id: `distinct` says so to the planner, who leaves all of this out of a query that asks for no person.
select distinct on (s.project_id, s.previous_id) s.project_id, s.previous_id, case when s.current = any (s.seen)
    then (select min(c) from unnest(s.seen[array_position(s.seen, s.current):]) c) else s.current end as person_id,
  s.linked_at
from step s
where s.current = any (s.seen) or not exists (
  select from nunchi.aliases a where a.project_id = s.project_id and a.previous_id = s.current);

comment on view nunchi_data.aliases is
  'Ids that alias() ended, and the person each goes on as. The other views have followed them already.';
comment on column nunchi_data.aliases.project_id is 'The project.';
comment on column nunchi_data.aliases.previous_id is 'The id that ended.';
comment on column nunchi_data.aliases.person_id is 'The id that it goes on as, at the end of the chain.';
comment on column nunchi_data.aliases.linked_at is 'When the alias was made.';
