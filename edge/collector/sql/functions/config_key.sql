-- { project_id, environment, actor } of a server key that may do one of `scopes` with the config, or { error }. Part
-- of the functions that end in _by_key.
create or replace function nunchi.config_key(key_hash text, wanted text[]) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce((
    select case when k.kind = 'srv' and (k.scopes = '{}' or k.scopes && wanted)
      then jsonb_build_object('projectId', k.project_id, 'environment', k.environment, 'actor', 'key:' || k.id)
      else jsonb_build_object('error', 'key_not_allowed') end
    from nunchi.api_keys k where k.hash = key_hash and k.revoked_at is null
  ), jsonb_build_object('error', 'key_unknown'))
$$;
revoke execute on function nunchi.config_key(text, text[]) from public;
