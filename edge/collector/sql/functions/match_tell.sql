-- { keyHash, userId, consent? | block? | unblock? | decide? = { id, yes } } → { consent, blocked: [ids], mutual? }, or {
-- error: 'key_unknown' | 'key_not_allowed' | 'match_not_found' | 'match_blocks_full' }: what a person says, whom the caller
-- has verified; with nothing to say it tells how things stand. Blocking takes back what was decided. Deciding is about
-- somebody who may be shown to the person, or about whom they decided before: so nobody learns by it who takes part but is
-- not for them, nor that a decision of theirs was answered by a no or a block. A server key needs matches:write.
create or replace function nunchi.match_tell(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key record;
  person constant text := args ->> 'userId';
  other constant text := coalesce(args ->> 'block', args ->> 'unblock', args -> 'decide' ->> 'id');
  saying constant boolean := args ?| array['consent', 'block', 'unblock', 'decide'];
  result jsonb := '{}';
begin
  select * into key from nunchi.match_key(args ->> 'keyHash', case when saying then 'matches:write' else 'matches:read' end);
  if key.project_id is null or key.refused then
    return jsonb_build_object('error', case when key.refused then 'key_not_allowed' else 'key_unknown' end);
  end if;
  if args ? 'consent' then
    insert into nunchi.match_consents as c (project_id, environment, user_id, given, at)
    values (key.project_id, key.environment, person, (args -> 'consent')::boolean, clock_timestamp())
    on conflict (project_id, environment, user_id) do update set given = excluded.given, at = excluded.at
    where c.given <> excluded.given;
    -- Who does not take part leaves no trace in others' lists.
    if not (args -> 'consent')::boolean then
      delete from nunchi.match_candidates c where c.project_id = key.project_id and c.environment = key.environment
        and (c.user_id = person or c.other_id = person);
    end if;
  elsif args ? 'block' and other <> person then
    if (select count(*) from nunchi.match_blocks b where b.project_id = key.project_id and b.environment = key.environment
      and b.user_id = person and b.blocked_id <> other) >= 10000
    then
      return jsonb_build_object('error', 'match_blocks_full');
    end if;
    insert into nunchi.match_blocks (project_id, environment, user_id, blocked_id, at)
    values (key.project_id, key.environment, person, other, clock_timestamp())
    on conflict do nothing;
    delete from nunchi.match_decisions d where d.project_id = key.project_id and d.environment = key.environment
      and d.user_id = person and d.other_id = other;
  elsif args ? 'unblock' then
    delete from nunchi.match_blocks b where b.project_id = key.project_id and b.environment = key.environment
      and b.user_id = person and b.blocked_id = other;
  elsif args ? 'decide' then
    if other is null or other = person or not exists (
        select from nunchi.match_consents c where c.project_id = key.project_id and c.environment = key.environment
          and c.user_id = person and c.given)
      or not nunchi.match_stands(key.project_id, key.environment, person, other)
      and not exists (select from nunchi.match_decisions d where d.project_id = key.project_id
        and d.environment = key.environment and d.user_id = person and d.other_id = other)
    then
      return jsonb_build_object('error', 'match_not_found');
    end if;
    insert into nunchi.match_decisions as d (project_id, environment, user_id, other_id, yes, at)
    values (key.project_id, key.environment, person, other, (args -> 'decide' -> 'yes')::boolean, clock_timestamp())
    on conflict (project_id, environment, user_id, other_id) do update set yes = excluded.yes, at = excluded.at
    where d.yes <> excluded.yes;
    result := jsonb_build_object('mutual', exists (
      select from nunchi.match_pairs(key.project_id, key.environment, person, 'mutual', null, null, 1, other)));
  end if;
  return result || jsonb_build_object(
    'consent', exists (select from nunchi.match_consents c where c.project_id = key.project_id
      and c.environment = key.environment and c.user_id = person and c.given),
    'blocked', (select coalesce(jsonb_agg(b.blocked_id order by b.at desc, b.blocked_id), '[]') from (
      select b.blocked_id, b.at from nunchi.match_blocks b where b.project_id = key.project_id
        and b.environment = key.environment and b.user_id = person order by b.at desc, b.blocked_id limit 1000) b));
end
$$;
revoke execute on function nunchi.match_tell(jsonb) from public;
grant execute on function nunchi.match_tell(jsonb) to nunchi_app;
