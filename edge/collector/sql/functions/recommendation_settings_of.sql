-- { projectId, environment } → { definition, settings }: what the project says, or null, and what is in force. Run by
-- the owner.
create or replace function nunchi.recommendation_settings_of(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('settings', nunchi.recommendation_settings_in((args ->> 'projectId')::uuid, args ->> 'environment'),
    'definition', (select s.definition from nunchi.recommendation_settings s
      where s.project_id = (args ->> 'projectId')::uuid and s.environment = args ->> 'environment'))
$$;
revoke execute on function nunchi.recommendation_settings_of(jsonb) from public;
