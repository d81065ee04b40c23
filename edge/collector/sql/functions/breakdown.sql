-- { keyHash, kind, from, to, limit? = 20 } → what breakdown_of() answers for the key's project and environment; `from`
-- and `to` in ms. Null where the key is not in force, or is public.
create or replace function nunchi.breakdown(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
begin
  return (select nunchi.breakdown_of(k.project_id, k.environment, to_timestamp((args ->> 'from')::bigint / 1000.0),
    to_timestamp((args ->> 'to')::bigint / 1000.0), args ->> 'kind', coalesce((args ->> 'limit')::integer, 20))
  from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null and k.kind = 'srv');
end
$$;
revoke execute on function nunchi.breakdown(jsonb) from public;
grant execute on function nunchi.breakdown(jsonb) to nunchi_app;
