-- { keyHash } → [{ name, kind, issuer, audience, algorithm, subjectClaim, secret | key | url }], by name: what verifies
-- visitors' tokens in the key's project and environment now | null where the key is unknown. With their secrets: for
-- the collector alone.
create or replace function nunchi.token_verifiers(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', t.name, 'kind', t.kind, 'issuer', t.issuer,
      'audience', t.audience, 'algorithm', t.algorithm, 'subjectClaim', t.subject_claim, 'secret', t.secret,
      'key', t.key, 'url', t.url)) order by t.name collate "C"), '[]')
    from nunchi.token_verifiers t
    where t.project_id = k.project_id and t.environment = k.environment
      and (t.retires_at is null or t.retires_at > now())
  )
  from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null
$$;
revoke execute on function nunchi.token_verifiers(jsonb) from public;
grant execute on function nunchi.token_verifiers(jsonb) to nunchi_app;
