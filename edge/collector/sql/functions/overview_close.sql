-- { tokenHash } → {}. Ends a session of the overview.
create or replace function nunchi.overview_close(args jsonb) returns jsonb
language sql security definer set search_path = '' set jit = off as $$
  delete from nunchi.overview_sessions s where s.token_hash = args ->> 'tokenHash';
  select '{}'::jsonb
$$;
revoke execute on function nunchi.overview_close(jsonb) from public;
grant execute on function nunchi.overview_close(jsonb) to nunchi_app;
