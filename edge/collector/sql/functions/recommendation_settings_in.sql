-- The settings in force: what the project's environment says, over the defaults; of events and weights name by name.
create or replace function nunchi.recommendation_settings_in(project uuid, env text) returns jsonb
language sql stable set search_path = '' as $$
  select d.base || coalesce(s.definition, '{}') || jsonb_build_object(
    'events', d.base -> 'events' || coalesce(s.definition -> 'events', '{}'),
    'weights', d.base -> 'weights' || coalesce(s.definition -> 'weights', '{}'))
  from (select nunchi.recommendation_defaults() as base) d
  left join nunchi.recommendation_settings s on s.project_id = project and s.environment = env
$$;
revoke execute on function nunchi.recommendation_settings_in(uuid, text) from public;
