-- {} → [{ projectId, name, timezone, role }]: what the signed-in person may see, by name. Runs as the
-- person (security invoker): the policies decide, not this text.
create or replace function nunchi.member_projects(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', p.id, 'name', p.name, 'timezone', p.timezone,
      'role', m.role) order by p.name), '[]')
  from nunchi.projects p
  join nunchi.project_members m on m.project_id = p.id
    and m.user_id = nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
$$;
revoke execute on function nunchi.member_projects(jsonb) from public;
grant execute on function nunchi.member_projects(jsonb) to nunchi_member;
