-- Whose people a key may ask for: its row, or nothing where it is unknown. `refused` where it is a server's without the
-- scope. A public key speaks for the person whom the visitor's token names; the caller has verified it.
create or replace function nunchi.match_key(key_hash text, scope text)
returns table (project_id uuid, environment text, refused boolean)
language sql stable set search_path = '' as $$
  select k.project_id, k.environment, k.kind = 'srv' and k.scopes <> '{}' and not k.scopes && array[scope]
  from nunchi.api_keys k where k.hash = key_hash and k.revoked_at is null
$$;
revoke execute on function nunchi.match_key(text, text) from public;
