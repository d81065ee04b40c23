-- nunchi_data.identities: which visitor turned out to be which person.
create or replace view nunchi_data.identities with (security_invoker = true) as
select i.project_id, i.anonymous_id, coalesce(a.person_id, i.user_id) as person_id, i.linked_at
from nunchi.identities i
left join nunchi_data.aliases a on a.project_id = i.project_id and a.previous_id = i.user_id;

comment on view nunchi_data.identities is
  'Visitors who signed in, and the person each is. The first link of a visitor holds, for the visitor''s past too.';
comment on column nunchi_data.identities.project_id is 'The project.';
comment on column nunchi_data.identities.anonymous_id is 'The visitor, on one device.';
comment on column nunchi_data.identities.person_id is 'The person, aliases followed.';
comment on column nunchi_data.identities.linked_at is 'When the visitor first signed in.';
