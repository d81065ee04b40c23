-- { keyHash, tokenHash, seconds } → { ok: true } | { error: 'key_unknown' | 'key_not_allowed' }.
-- Exchanges a server key that names the scope overview:read for a session. A key that may do more is refused:
-- it has no business in a browser, not even once.
create or replace function nunchi.overview_open(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  key nunchi.api_keys;
begin
  select k.* into key from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null;
  if key.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  if key.kind <> 'srv' or key.scopes <> array['overview:read'] then
    return jsonb_build_object('error', 'key_not_allowed');
  end if;
  delete from nunchi.overview_sessions s where s.expires_at < now();
  insert into nunchi.overview_sessions (token_hash, project_id, key_id, expires_at)
  values (args ->> 'tokenHash', key.project_id, key.id, now() + make_interval(secs => (args ->> 'seconds')::integer));
  return jsonb_build_object('ok', true);
end
$$;
revoke execute on function nunchi.overview_open(jsonb) from public;
grant execute on function nunchi.overview_open(jsonb) to nunchi_app;
