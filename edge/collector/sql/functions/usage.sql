-- { keyHash, from, to, unit } → what usage_of() answers for the key's project and environment; `from` and `to` in ms,
-- unit "minute" or "day". Null where the key is not in force, or is public: what stands in pages reads no figures.
create or replace function nunchi.usage(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
begin
  return (select nunchi.usage_of(k.project_id, k.environment, to_timestamp((args ->> 'from')::bigint / 1000.0),
    to_timestamp((args ->> 'to')::bigint / 1000.0), args ->> 'unit')
  from nunchi.api_keys k where k.hash = args ->> 'keyHash' and k.revoked_at is null and k.kind = 'srv');
end
$$;
revoke execute on function nunchi.usage(jsonb) from public;
grant execute on function nunchi.usage(jsonb) to nunchi_app;
