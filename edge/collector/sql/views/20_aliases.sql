-- nunchi_data.aliases: ids that ended, and the id that each goes on as, over any number of steps.
-- One step is nearly always all there is, and a join: it costs little among any number of aliases, and the planner
-- leaves it out of a query that asks for no person.
create or replace view nunchi_data.aliases with (security_invoker = true) as
select a.project_id, a.previous_id,
  case when b.previous_id is null then a.user_id else nunchi_data.alias_end(a.project_id, a.previous_id) end as person_id,
  a.linked_at
from nunchi.aliases a
left join nunchi.aliases b on b.project_id = a.project_id and b.previous_id = a.user_id;

comment on view nunchi_data.aliases is
  'Ids that alias() ended, and the person each goes on as. The other views have followed them already.';
comment on column nunchi_data.aliases.project_id is 'The project.';
comment on column nunchi_data.aliases.previous_id is 'The id that ended.';
comment on column nunchi_data.aliases.person_id is 'The id that it goes on as, at the end of the chain.';
comment on column nunchi_data.aliases.linked_at is 'When the alias was made.';
