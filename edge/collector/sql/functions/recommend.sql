-- { keyHash, anonymousId? | userId?, types?, list? = 'user', context?, limit? = 10, exclude?, includeSeen?, country?,
-- deviceClass?, explained? (whether insights may ask about the lists) } → Recommendations (packages/protocol), or { error: 'key_unknown' | 'key_not_allowed' | 'unknown_list' |
-- 'unknown_type', types? }. `userId` is one that the caller has verified: it is answered from all of the person's devices,
-- an anonymousId from its own events alone. A server key needs the scope recommendations:read. What fails because of
-- the data is counted in recommendation_errors, and answered by empty lists with the reason `error`.
create or replace function nunchi.recommend(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key nunchi.api_keys;
  at text;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind = 'srv' and key.scopes <> '{}' and not key.scopes && array['recommendations:read'] then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  begin
    return nunchi.recommendations_of(key.project_id, key.environment, args);
  exception when others then
    -- A lock, a full disk, a lost server: the caller tries again.
    if sqlstate !~ '^(?:21|22|23|42|54|P0|XX)' then
      raise;
    end if;
    insert into nunchi.recommendation_errors as e (project_id, environment, hour, code, errors, message)
    values (key.project_id, key.environment, date_trunc('hour', now(), 'UTC'), sqlstate, 1, left(sqlerrm, 500))
    on conflict (project_id, environment, hour, code) do update set errors = e.errors + 1, message = excluded.message;
  end;
  at := to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
  return jsonb_build_object('generated_at', at, 'expires_at', at, 'neighbors', '{}'::jsonb,
    'recommendations', (select coalesce(jsonb_object_agg(t, jsonb_build_object('recommendationId', gen_random_uuid(),
      'list', coalesce(args ->> 'list', 'user'), 'items', '[]'::jsonb, 'reason', 'error')), '{}')
      from jsonb_array_elements_text(case jsonb_typeof(args -> 'types') when 'array' then args -> 'types' else '[]' end) t));
end
$$;
revoke execute on function nunchi.recommend(jsonb) from public;
grant execute on function nunchi.recommend(jsonb) to nunchi_app;
