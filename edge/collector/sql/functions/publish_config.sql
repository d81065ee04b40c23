-- { projectId, environment, base, version, definition, config, actor, reason, subject, before, after }
--   → { number, version } | { error: 'config_conflict', number }.
-- Publishes what the caller has validated, if `base` is still the number in force (0 where there is none yet),
-- with one row in the audit log. Run by the owner, and for keys by publish_config_by_key().
create or replace function nunchi.publish_config(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := (args ->> 'projectId')::uuid;
  env constant text := args ->> 'environment';
  next constant bigint := (args ->> 'base')::bigint + 1;
  present bigint;
  earlier jsonb;
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('nunchi config ' || project || env, 0));
  select v.number, v.revisions into present, earlier
  from nunchi.config_versions v where v.project_id = project and v.environment = env
  order by v.number desc limit 1;
  present := coalesce(present, 0);
  if present <> next - 1 then
    return jsonb_build_object('error', 'config_conflict', 'number', present);
  end if;
  insert into nunchi.config_versions (project_id, environment, number, version, definition, config, revisions, actor,
    reason)
  values (project, env, next, args ->> 'version', args -> 'definition', args -> 'config',
    nunchi.highest_revisions(earlier, args -> 'definition'), args ->> 'actor', args ->> 'reason');
  perform nunchi.project_config(project, env, args -> 'definition');
  perform nunchi.audit(project, args ->> 'actor', split_part(args ->> 'reason', ' ', 1), env || '/' || (args ->> 'subject'),
    args -> 'before', args -> 'after');
  return jsonb_build_object('number', next, 'version', args ->> 'version');
end
$$;
revoke execute on function nunchi.publish_config(jsonb) from public;
