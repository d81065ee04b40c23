-- nunchi_data.projects: the projects that you may read.
create or replace view nunchi_data.projects with (security_invoker = true) as
select p.id as project_id, p.name, p.timezone, p.created_at
from nunchi.projects p;

comment on view nunchi_data.projects is 'The projects that you may read.';
comment on column nunchi_data.projects.project_id is 'What every other view names the project by.';
comment on column nunchi_data.projects.name is 'Its name, unique in this database.';
comment on column nunchi_data.projects.timezone is 'The IANA time zone in which its days are counted.';
comment on column nunchi_data.projects.created_at is 'When it was made.';
