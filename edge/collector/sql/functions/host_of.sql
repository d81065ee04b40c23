-- The host of an address, in small letters, without `www.`; null where it has none. ASCII first, by itself: in a Turkish
-- database the small letter of I is another one.
create or replace function nunchi.host_of(url text) returns text
language sql immutable strict parallel safe set search_path = '' as $$
  select regexp_replace(lower(lower(substring(url
    from '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^/?#:]+)') collate "C") collate "default"), '^www\.', '')
$$;
revoke execute on function nunchi.host_of(text) from public;
