-- { projectId, userId, role, actor? } → { projectId, userId, role }: lets a person see a project, or changes how;
-- role null takes the person out. `userId` is the `sub` of their token. One audit row.
create or replace function nunchi.set_member(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  held constant text := (select m.role from nunchi.project_members m
    where m.project_id = (args ->> 'projectId')::uuid and m.user_id = args ->> 'userId');
begin
  if args ->> 'role' is null then
    delete from nunchi.project_members m
    where m.project_id = (args ->> 'projectId')::uuid and m.user_id = args ->> 'userId';
  else
    insert into nunchi.project_members (project_id, user_id, role)
    values ((args ->> 'projectId')::uuid, args ->> 'userId', args ->> 'role')
    on conflict (project_id, user_id) do update set role = excluded.role;
  end if;
  perform nunchi.audit((args ->> 'projectId')::uuid, args ->> 'actor', 'member.set', args ->> 'userId',
    jsonb_build_object('role', held), jsonb_build_object('role', args ->> 'role'));
  return jsonb_build_object('projectId', args ->> 'projectId', 'userId', args ->> 'userId', 'role', args ->> 'role');
end
$$;
revoke execute on function nunchi.set_member(jsonb) from public;
