-- A row of token_verifiers as people and the audit log may see it: without its secret; null for null. Part of the
-- functions that list and change them.
create or replace function nunchi.token_verifier_shown(one jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select case when one ->> 'name' is not null then jsonb_strip_nulls(jsonb_build_object('name', one -> 'name',
    'kind', one -> 'kind', 'issuer', one -> 'issuer', 'audience', one -> 'audience', 'algorithm', one -> 'algorithm',
    'subjectClaim', one -> 'subject_claim', 'key', one -> 'key', 'url', one -> 'url',
    'environment', one -> 'environment',
    'createdAt', floor(extract(epoch from (one ->> 'created_at')::timestamptz) * 1000)::bigint,
    'retiresAt', floor(extract(epoch from (one ->> 'retires_at')::timestamptz) * 1000)::bigint)) end
$$;
revoke execute on function nunchi.token_verifier_shown(jsonb) from public;
