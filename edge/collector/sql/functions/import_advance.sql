-- { projectId, environment, source, cursor, rows, accepted, duplicates, bad, done?, actor? } → null: an import has
-- come to `cursor`; the counts are those of its latest part. With `done` its key is revoked, with one audit row.
create or replace function nunchi.import_advance(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  run nunchi.import_runs;
begin
  update nunchi.import_runs r
  set cursor = coalesce(args ->> 'cursor', r.cursor), rows = r.rows + (args ->> 'rows')::bigint,
    accepted = r.accepted + (args ->> 'accepted')::bigint, duplicates = r.duplicates + (args ->> 'duplicates')::bigint,
    bad = r.bad + (args ->> 'bad')::bigint, finished_at = case when args -> 'done' = 'true' then now() end
  where r.project_id = (args ->> 'projectId')::uuid and r.environment = args ->> 'environment' and r.source = args ->> 'source'
  returning * into strict run;
  if run.finished_at is not null then
    perform nunchi.revoke_key(jsonb_build_object('keyId', run.key_id::text, 'actor', args -> 'actor'));
    perform nunchi.audit(run.project_id, args ->> 'actor', 'import.finish', run.source, null, jsonb_build_object(
      'rows', run.rows, 'accepted', run.accepted, 'duplicates', run.duplicates, 'bad', run.bad));
  end if;
  return null;
end
$$;
revoke execute on function nunchi.import_advance(jsonb) from public;
