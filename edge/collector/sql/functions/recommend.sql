-- { keyHash, anonymousId? | userId?, types?, list? = 'user', context?, limit? = 10, exclude?, includeSeen?, country?,
-- deviceClass? } → Recommendations (packages/protocol), or { error: 'key_unknown' | 'key_not_allowed' | 'unknown_type',
-- types? }. `userId` is one that the caller has verified: it is answered from all of the person's devices, an
-- anonymousId from its own events alone. A server key needs the scope recommendations:read.
create or replace function nunchi.recommend(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key nunchi.api_keys;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind = 'srv' and key.scopes <> '{}' and not key.scopes && array['recommendations:read'] then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  return nunchi.recommendations_of(key.project_id, key.environment, args);
end
$$;
revoke execute on function nunchi.recommend(jsonb) from public;
grant execute on function nunchi.recommend(jsonb) to nunchi_app;
