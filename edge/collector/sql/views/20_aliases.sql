-- nunchi_data.aliases: ids that ended, and the id that each goes on as, over any number of steps.
create or replace view nunchi_data.aliases with (security_invoker = true) as
with recursive step as (
  select a.project_id, a.previous_id, a.user_id, a.linked_at, 1 as depth
  from nunchi.aliases a
  union all
  select s.project_id, s.previous_id, a.user_id, s.linked_at, s.depth + 1
  from step s
  join nunchi.aliases a on a.project_id = s.project_id and a.previous_id = s.user_id
  -- Two ids that are each other's alias would go round for ever.
  where s.depth < 16
)
select distinct on (s.project_id, s.previous_id) s.project_id, s.previous_id, s.user_id as person_id, s.linked_at
from step s
order by s.project_id, s.previous_id, s.depth desc;

comment on view nunchi_data.aliases is
  'Ids that alias() ended, and the person each goes on as. The other views have followed them already.';
comment on column nunchi_data.aliases.project_id is 'The project.';
comment on column nunchi_data.aliases.previous_id is 'The id that ended.';
comment on column nunchi_data.aliases.person_id is 'The id that it goes on as, at the end of the chain.';
comment on column nunchi_data.aliases.linked_at is 'When the alias was made.';
