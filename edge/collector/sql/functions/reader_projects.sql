-- Which projects the login that asks may read; by who logged in, since a setting or `set role` is anyone's.
-- In a policy write `= any (array (select nunchi.reader_projects()))`: that form runs once a query.
create or replace function nunchi.reader_projects() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select g.project_id from nunchi.reader_grants g where g.role_name = session_user
$$;
revoke execute on function nunchi.reader_projects() from public;
grant execute on function nunchi.reader_projects() to nunchi_reader;
