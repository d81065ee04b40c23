-- What a tombstone keeps of an id: SHA-256 of the project's id, a colon and the id, hex.
create or replace function nunchi.id_hash(project uuid, id text) returns text
language sql stable strict parallel safe set search_path = '' as $$
  select encode(sha256(convert_to(project::text || ':' || id, 'UTF8')), 'hex')
$$;
revoke execute on function nunchi.id_hash(uuid, text) from public;
