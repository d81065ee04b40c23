-- { projectId, days, actor? } → { projectId, days, before }: how many days a project's events are kept after they
-- occurred; days null keeps them.
create or replace function nunchi.set_retention(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project nunchi.projects;
  days constant integer := args ->> 'days';
begin
  select * into project from nunchi.projects p where p.id = (args ->> 'projectId')::uuid for update;
  if not found or days < 1 or days > 36500 then
    raise invalid_parameter_value using message = 'set_retention() needs the projectId of a project that stands, and days from 1 to 36500, or null.';
  end if;
  update nunchi.projects p set retention_days = days where p.id = project.id;
  perform nunchi.audit(project.id, args ->> 'actor', 'retention.set', project.id::text,
    jsonb_build_object('days', project.retention_days), jsonb_build_object('days', days));
  return jsonb_build_object('projectId', project.id, 'days', days, 'before', project.retention_days);
end
$$;
revoke execute on function nunchi.set_retention(jsonb) from public;
