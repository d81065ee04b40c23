-- { projectId, environment } → as token_verifiers(). Run by the owner, to say what is wrong with a token.
create or replace function nunchi.token_verifiers_of(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select nunchi.token_verifiers_in((args ->> 'projectId')::uuid, args ->> 'environment')
$$;
revoke execute on function nunchi.token_verifiers_of(jsonb) from public;
