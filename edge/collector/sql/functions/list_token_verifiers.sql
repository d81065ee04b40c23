-- { projectId, environment? } → [{ name, kind, issuer, audience, algorithm, subjectClaim, key?, url?, environment,
-- createdAt, retiresAt? }], without secrets. Run by the owner.
create or replace function nunchi.list_token_verifiers(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(nunchi.token_verifier_shown(to_jsonb(t)) order by t.environment, t.name collate "C"), '[]')
  from nunchi.token_verifiers t
  where t.project_id = (args ->> 'projectId')::uuid
    and (args ->> 'environment' is null or t.environment = args ->> 'environment')
$$;
revoke execute on function nunchi.list_token_verifiers(jsonb) from public;
