-- Which projects the signed-in person may see. In a policy write `= any (array (select nunchi.my_projects()))`:
-- that form runs once a query and uses the index.
create or replace function nunchi.my_projects() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select m.project_id
  from nunchi.project_members m
  where m.user_id = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
$$;
revoke execute on function nunchi.my_projects() from public;
grant execute on function nunchi.my_projects() to nunchi_member;
