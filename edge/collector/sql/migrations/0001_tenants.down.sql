-- Takes 0001 back: projects, their people and keys, and all that they hold.
drop policy member_reads on nunchi.project_members;
drop policy member_reads on nunchi.projects;
drop function nunchi.my_projects();
drop table nunchi.api_keys;
drop table nunchi.project_members;
drop table nunchi.projects;
