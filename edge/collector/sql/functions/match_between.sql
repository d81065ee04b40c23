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
      select q.other, q.reasons from unnest(array['suggestions', 'mutual']) l (list)
      cross join lateral nunchi.match_pairs(key.project_id, key.environment, person, l.list, null, null, 1, args ->> 'id') q
    ) p
    limit 1);
end
$$;
revoke execute on function nunchi.match_between(jsonb) from public;
grant execute on function nunchi.match_between(jsonb) to nunchi_app;
