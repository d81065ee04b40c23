-- The host of an address, in small letters, without `www.`; null where it has none.
create or replace function nunchi.host_of(url text) returns text
language sql immutable strict parallel safe set search_path = '' as $$
  select regexp_replace(lower(substring(url
    from '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]+)')), '^www\.', '')
$$;
revoke execute on function nunchi.host_of(text) from public;
