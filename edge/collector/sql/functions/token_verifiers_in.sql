-- What verifies visitors' tokens in an environment now, with their secrets. Part of token_verifiers() and
-- token_verifiers_of().
create or replace function nunchi.token_verifiers_in(project uuid, env text) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', t.name, 'kind', t.kind, 'issuer', t.issuer,
    'audience', t.audience, 'algorithm', t.algorithm, 'subjectClaim', t.subject_claim, 'secret', t.secret,
    'key', t.key, 'url', t.url)) order by t.name collate "C"), '[]')
  from nunchi.token_verifiers t
  where t.project_id = project and t.environment = env and (t.retires_at is null or t.retires_at > now())
$$;
revoke execute on function nunchi.token_verifiers_in(uuid, text) from public;
