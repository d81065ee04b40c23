-- {} → [{ projectId, environment, items, interactions, settings, models: { source: { generation, trainedAt } } }]: the
-- catalogs that neighbors can be computed for; both counts stop at a million. Run by the job.
create or replace function nunchi.training_catalogs(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', c.project_id, 'environment', c.environment,
    'items', (select count(*) from (select from nunchi.items i where i.project_id = c.project_id
      and i.environment = c.environment and i.deleted_at is null limit 1000000) l),
    'interactions', (select count(*) from (select from nunchi.interactions i where i.project_id = c.project_id
      and i.environment = c.environment limit 1000000) l),
    'settings', nunchi.recommendation_settings_in(c.project_id, c.environment),
    'models', (select coalesce(jsonb_object_agg(m.source, jsonb_build_object('generation', m.generation,
      'trainedAt', floor(extract(epoch from m.trained_at) * 1000)::bigint)), '{}') from nunchi.recommendation_models m
      where m.project_id = c.project_id and m.environment = c.environment))
    order by c.project_id, c.environment), '[]')
  from nunchi.recommendation_catalogs c
$$;
revoke execute on function nunchi.training_catalogs(jsonb) from public;
grant execute on function nunchi.training_catalogs(jsonb) to nunchi_app;
