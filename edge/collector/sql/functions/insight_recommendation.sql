-- { keyHash, recommendationId, userId? | anonymousId? } → { type, list, items } of the answer with this id among those
-- kept for that visitor (a userId is one that the caller has verified) or for everybody, or null, or
-- { error: 'key_unknown' }. An answer that is no longer given out still stands until a newer one takes its place.
create or replace function nunchi.insight_recommendation(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  k nunchi.api_keys;
  whose text;
begin
  select a.* into k from nunchi.api_keys a where a.hash = args ->> 'keyHash' and a.revoked_at is null;
  if k.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  whose := case when args ? 'userId' then nunchi.person_of(k.project_id, args ->> 'userId', null)
    else coalesce(args ->> 'anonymousId', '') end;
  return (
    select jsonb_build_object('type', r.type, 'list', r.answer -> 'list', 'items', r.answer -> 'items')
    from (values (whose, args ? 'userId'), ('', false), ('', true)) w (actor, by_user)
    join nunchi.recommendation_cache c on c.project_id = k.project_id and c.environment = k.environment
      and c.actor = w.actor and c.by_user = w.by_user
    cross join lateral jsonb_each(c.answer -> 'recommendations') r (type, answer)
    where r.answer ->> 'recommendationId' = args ->> 'recommendationId'
    limit 1);
end
$$;
revoke execute on function nunchi.insight_recommendation(jsonb) from public;
grant execute on function nunchi.insight_recommendation(jsonb) to nunchi_app;
