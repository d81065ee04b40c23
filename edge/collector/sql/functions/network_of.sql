-- The network of a visitor, as enriched (`203.0.113.0/24`, `2001:db8:1::/48`); null where it is one of those that are in
-- use everywhere at once: who comes from there may be anybody, and a proxy may stand before all. Part of process().
create or replace function nunchi.network_of(ip text) returns text
language sql immutable set search_path = '' as $$
  select case when ip !~ '^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|0:0:0:)'
    then left(ip, 100) end
$$;
revoke execute on function nunchi.network_of(text) from public;
