-- Keeps the rows of feature_flags, experiments and experiment_variants equal to a definition. Part of
-- publish_config().
create or replace function nunchi.project_config(project uuid, env text, whole jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  delete from nunchi.feature_flags f
  where f.project_id = project and f.environment = env and not whole -> 'flags' ? f.key;
  insert into nunchi.feature_flags as f (project_id, environment, key, type, enabled, revision, definition)
  select project, env, d.key, d.value ->> 'type', coalesce((d.value ->> 'enabled')::boolean, true),
    (d.value ->> 'revision')::integer, d.value
  from jsonb_each(whole -> 'flags') d
  on conflict (project_id, environment, key) do update
  set type = excluded.type, enabled = excluded.enabled, revision = excluded.revision,
    definition = excluded.definition, updated_at = clock_timestamp()
  where f.definition <> excluded.definition;

  delete from nunchi.experiments e
  where e.project_id = project and e.environment = env and not whole -> 'experiments' ? e.key;
  insert into nunchi.experiments as e (project_id, environment, key, name, hypothesis, status, revision,
    target_sample_size, confidence_level, created_by, started_at, ended_at, definition)
  select project, env, d.key, d.value ->> 'name', d.value ->> 'hypothesis', d.value ->> 'status',
    (d.value ->> 'revision')::integer, (d.value ->> 'targetSampleSize')::bigint,
    coalesce((d.value ->> 'confidenceLevel')::double precision, 0.95), d.value ->> 'createdBy',
    case when d.value ->> 'status' <> 'draft' then clock_timestamp() end,
    case when d.value ->> 'status' = 'completed' then clock_timestamp() end, d.value - 'variants'
  from jsonb_each(whole -> 'experiments') d
  on conflict (project_id, environment, key) do update
  set name = excluded.name, hypothesis = excluded.hypothesis, status = excluded.status,
    revision = excluded.revision, target_sample_size = excluded.target_sample_size,
    confidence_level = excluded.confidence_level, created_by = excluded.created_by,
    started_at = case when excluded.status = 'draft' then null else coalesce(e.started_at, excluded.started_at) end,
    ended_at = case when excluded.status = 'completed' then coalesce(e.ended_at, excluded.ended_at) end,
    definition = excluded.definition, updated_at = clock_timestamp()
  where e.definition <> excluded.definition;

  delete from nunchi.experiment_variants v where v.project_id = project and v.environment = env;
  insert into nunchi.experiment_variants (project_id, environment, experiment, key, position, weight, is_control,
    configuration)
  select project, env, d.key, v.value ->> 'key', v.position, (v.value ->> 'weight')::integer,
    coalesce((v.value ->> 'isControl')::boolean, false), v.value -> 'configuration'
  from jsonb_each(whole -> 'experiments') d,
    jsonb_array_elements(d.value -> 'variants') with ordinality as v (value, position);
end
$$;
revoke execute on function nunchi.project_config(uuid, text, jsonb) from public;
