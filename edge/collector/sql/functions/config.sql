-- { keyHash, known? } → { number, version, config } of the key's project and environment | null where the key is
-- unknown. `config` is left away where `known` is the version in force. Before the first publication the number is
-- 0 and version and config are null.
create or replace function nunchi.config(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select case when v.version is distinct from args ->> 'known' or v.version is null
      then jsonb_build_object('number', coalesce(v.number, 0), 'version', v.version, 'config', v.config)
      else jsonb_build_object('number', v.number, 'version', v.version) end
  from nunchi.api_keys k
  left join lateral (
    select c.number, c.version, c.config from nunchi.config_versions c
    where c.project_id = k.project_id and c.environment = k.environment
    order by c.number desc limit 1
  ) v on true
  where k.hash = args ->> 'keyHash' and k.revoked_at is null
$$;
revoke execute on function nunchi.config(jsonb) from public;
grant execute on function nunchi.config(jsonb) to nunchi_app;
