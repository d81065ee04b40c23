-- { keyHash, userId, id } → { reasons: { you, them }, one: { tags, attributes }, other: { tags, attributes } } of two people
-- who are shown to each other, without names and without what they keep to themselves; null where they are not, or {
-- error }. What an insight about a match is written from.
create or replace function nunchi.match_between(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key record;
  person constant text := args ->> 'userId';
begin
  select * into key from nunchi.match_key(args ->> 'keyHash', 'insights:read');
  if key.project_id is null or key.refused then
    return jsonb_build_object('error', case when key.refused then 'key_not_allowed' else 'key_unknown' end);
  end if;
  return (
    select jsonb_build_object('reasons', p.reasons,
      'one', (select jsonb_build_object('tags', me.tags, 'attributes', nunchi.match_profile(me) -> 'attributes')
        from nunchi.items me where me.project_id = key.project_id and me.environment = key.environment and me.id = person),
      'other', jsonb_build_object('tags', (p.other).tags, 'attributes', nunchi.match_profile(p.other) -> 'attributes'))
    from (
      select q.other, q.reasons from nunchi.match_pairs(key.project_id, key.environment, person, 'suggestions', null, null, 1000) q
      union all
      select q.other, q.reasons from nunchi.match_pairs(key.project_id, key.environment, person, 'mutual', null, null, 1000) q
    ) p
    where (p.other).id = args ->> 'id' and exists (select from nunchi.match_consents c where c.project_id = key.project_id
      and c.environment = key.environment and c.user_id = person and c.given)
    limit 1);
end
$$;
revoke execute on function nunchi.match_between(jsonb) from public;
grant execute on function nunchi.match_between(jsonb) to nunchi_app;
