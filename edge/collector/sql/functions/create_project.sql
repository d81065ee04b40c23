-- { name, timezone?, actor? } → { projectId, name }. The same name again answers the project that stands; a new one
-- leaves an audit row.
create or replace function nunchi.create_project(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project nunchi.projects;
begin
  if coalesce(args ->> 'name', '') = '' then
    raise invalid_parameter_value using message = 'create_project() needs a name.';
  end if;
  if not exists (select from pg_catalog.pg_timezone_names z where z.name = coalesce(args ->> 'timezone', 'UTC')) then
    raise invalid_parameter_value using message = format(
      'The time zone %L is not known; give an IANA name such as Asia/Seoul.', args ->> 'timezone');
  end if;
  insert into nunchi.projects (id, name, timezone)
  values (gen_random_uuid(), args ->> 'name', coalesce(args ->> 'timezone', 'UTC'))
  on conflict (name) do nothing
  returning * into project;
  if found then
    perform nunchi.audit(project.id, args ->> 'actor', 'project.create', project.id::text, null,
      jsonb_build_object('name', project.name, 'timezone', project.timezone));
  end if;
  select * into strict project from nunchi.projects p where p.name = args ->> 'name';
  return jsonb_build_object('projectId', project.id, 'name', project.name);
end
$$;
revoke execute on function nunchi.create_project(jsonb) from public;
