-- { projectId, environment } → [{ number, version, actor, reason, publishedAt }], the newest first, at most 200. Run
-- by the owner, and for keys by config_history_by_key().
create or replace function nunchi.config_history(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('number', c.number, 'version', c.version, 'actor', c.actor,
    'reason', c.reason, 'publishedAt', floor(extract(epoch from c.published_at) * 1000)) order by c.number desc), '[]')
  from (
    select v.* from nunchi.config_versions v
    where v.project_id = (args ->> 'projectId')::uuid and v.environment = args ->> 'environment'
    order by v.number desc limit 200
  ) c
$$;
revoke execute on function nunchi.config_history(jsonb) from public;
