-- { keyHash, userId, list? = 'suggestions' | 'mutual', limit? = 10, after? } → { generated_at, list, matches: [{ id, title,
-- url?, image?, tags, attributes, score, reasons: { you, them }, mutual }], next, reason? }, or { error: 'key_unknown' |
-- 'key_not_allowed' }. `userId` is one that the caller has verified. `reason` says why there are none: no_consent,
-- no_profile, nobody. A server key needs the scope matches:read.
create or replace function nunchi.match(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  key record;
  person constant text := args ->> 'userId';
  list constant text := coalesce(args ->> 'list', 'suggestions');
  most constant integer := least(greatest(coalesce((args ->> 'limit')::integer, 10), 1), 50);
  cursor constant text[] := regexp_match(args ->> 'after', '^([0-9.e+-]{1,20})\|(.*)$', 's');
  found_rows jsonb;
  next text;
begin
  select * into key from nunchi.match_key(args ->> 'keyHash', 'matches:read');
  if key.project_id is null or key.refused then
    return jsonb_build_object('error', case when key.refused then 'key_not_allowed' else 'key_unknown' end);
  end if;
  if exists (select from nunchi.match_consents c where c.project_id = key.project_id and c.environment = key.environment
    and c.user_id = person and c.given)
  then
    select coalesce(jsonb_agg(nunchi.match_profile(p.other) || jsonb_build_object('score', p.score, 'reasons', p.reasons,
        'mutual', list = 'mutual') order by p.score desc, (p.other).id desc) filter (where p.n <= most), '[]'),
      case when count(*) > most then max(p.score::text || '|' || (p.other).id) filter (where p.n = most) end
    into found_rows, next
    from (select q.*, row_number() over (order by q.score desc, (q.other).id desc) as n
      from nunchi.match_pairs(key.project_id, key.environment, person, list, cursor[1]::real, cursor[2], most + 1) q) p
    having count(*) > 0;
  end if;
  return jsonb_build_object('generated_at', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'list', list, 'matches', coalesce(found_rows, '[]'), 'next', next)
    || case when found_rows is not null then '{}' else jsonb_build_object('reason', case
      when not exists (select from nunchi.match_consents c where c.project_id = key.project_id
        and c.environment = key.environment and c.user_id = person and c.given) then 'no_consent'
      when not exists (select from nunchi.items i where i.project_id = key.project_id and i.environment = key.environment
        and i.id = person and i.type = 'person' and i.deleted_at is null and i.available) then 'no_profile'
      else 'nobody' end) end;
end
$$;
revoke execute on function nunchi.match(jsonb) from public;
grant execute on function nunchi.match(jsonb) to nunchi_app;
