-- { keyHash } → [{ name, kind, issuer, audience, algorithm, subjectClaim, secret | key | url }], by name: what verifies
-- visitors' tokens in the key's project and environment now | null where the key is unknown. With their secrets: for
-- the collector alone.
create or replace function nunchi.token_verifiers(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select nunchi.token_verifiers_in(k.project_id, k.environment)
  from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null
$$;
revoke execute on function nunchi.token_verifiers(jsonb) from public;
grant execute on function nunchi.token_verifiers(jsonb) to nunchi_app;
