-- { projectId, environment, version } → the config that pages got under this version | null where none was
-- published. Run by the owner.
create or replace function nunchi.config_of_version(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select c.config from nunchi.config_versions c
  where c.project_id = (args ->> 'projectId')::uuid and c.environment = args ->> 'environment'
    and c.version = args ->> 'version'
  order by c.number limit 1
$$;
revoke execute on function nunchi.config_of_version(jsonb) from public;
