drop policy member_reads on nunchi.project_members;
drop policy member_reads on nunchi.projects;
drop function nunchi.my_projects();
drop table nunchi.api_keys;
drop table nunchi.project_members;
drop table nunchi.projects;
