-- { keyHash, recommendationId, userId? | anonymousId? } → { type, items } of the list with this id, or null, or
-- { error: 'key_unknown' }. A userId (one that the caller has verified) sees lists of that person and of their devices, an
-- anonymousId its own; both see what is nobody's in particular. A server's key that names nobody sees any.
create or replace function nunchi.insight_recommendation(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  k nunchi.api_keys;
  r nunchi.insight_recommendations;
  allowed boolean;
begin
  select a.* into k from nunchi.api_keys a where a.hash = args ->> 'keyHash' and a.revoked_at is null;
  if k.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  select i.* into r from nunchi.insight_recommendations i
  where i.project_id = k.project_id and i.environment = k.environment and i.recommendation_id = args ->> 'recommendationId'
    and i.expires_at > clock_timestamp();
  if not found then
    return null;
  end if;
  allowed := case
    when r.actor = '' then true
    when args ? 'userId' then nunchi.person_of(k.project_id, args ->> 'userId', null)
      = case when r.by_user then r.actor else nunchi.person_of(k.project_id, null, r.actor) end
    when args ? 'anonymousId' then not r.by_user and r.actor = args ->> 'anonymousId'
    else k.kind = 'srv' end;
  return case when allowed then jsonb_build_object('type', r.type, 'items', r.items) end;
end
$$;
revoke execute on function nunchi.insight_recommendation(jsonb) from public;
grant execute on function nunchi.insight_recommendation(jsonb) to nunchi_app;
