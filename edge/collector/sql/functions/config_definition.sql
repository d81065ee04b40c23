-- { projectId, environment, number? } → { number, version, definition, config, revisions, actor, reason, publishedAt }
-- | null. The definition in force, or the one of a number. Run by the owner, and for keys by
-- config_definition_by_key().
create or replace function nunchi.config_definition(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object('number', c.number, 'version', c.version, 'definition', c.definition, 'config', c.config,
    'revisions', c.revisions, 'actor', c.actor, 'reason', c.reason, 'publishedAt', floor(extract(epoch from c.published_at) * 1000))
  from nunchi.config_versions c
  where c.project_id = (args ->> 'projectId')::uuid and c.environment = args ->> 'environment'
    and (args ->> 'number' is null or c.number = (args ->> 'number')::bigint)
  order by c.number desc limit 1
$$;
revoke execute on function nunchi.config_definition(jsonb) from public;
