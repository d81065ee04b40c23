-- { projectId, environment, source, keyHash, actor? } → { keyHash, cursor, rows, accepted, duplicates, bad, resumed }:
-- begins an import, or goes on with one of the same source that did not come to its end. Its events are written
-- with a key of its own that nobody has the text of.
create or replace function nunchi.import_start(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  run nunchi.import_runs;
  hash text;
begin
  select * into run from nunchi.import_runs r
  where r.project_id = project and r.environment = args ->> 'environment' and r.source = args ->> 'source' for update;
  select k.hash into hash from nunchi.api_keys k where k.id = run.key_id and k.revoked_at is null;
  if run.finished_at is null and hash is not null then
    return to_jsonb(run) || jsonb_build_object('keyHash', hash, 'resumed', true);
  end if;
  hash := args ->> 'keyHash';
  insert into nunchi.import_runs as r (project_id, environment, source, key_id)
  values (project, args ->> 'environment', args ->> 'source', (nunchi.create_key(jsonb_build_object(
    'projectId', project, 'environment', args -> 'environment', 'kind', 'srv', 'hash', hash, 'hint', 'import',
    'scopes', '["events:write"]'::jsonb, 'actor', args -> 'actor')) ->> 'keyId')::integer)
  on conflict (project_id, environment, source) do update set key_id = excluded.key_id,
    -- A run whose key somebody revoked goes on; one that had ended begins anew.
    cursor = case when r.finished_at is null then r.cursor end, rows = case when r.finished_at is null then r.rows else 0 end,
    accepted = case when r.finished_at is null then r.accepted else 0 end,
    duplicates = case when r.finished_at is null then r.duplicates else 0 end,
    bad = case when r.finished_at is null then r.bad else 0 end, started_at = now(), finished_at = null
  returning * into run;
  return to_jsonb(run) || jsonb_build_object('keyHash', hash, 'resumed', run.cursor is not null);
end
$$;
revoke execute on function nunchi.import_start(jsonb) from public;
