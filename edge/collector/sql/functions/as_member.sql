-- { fn, args, claims } → what nunchi.<fn>(args) answers to the person of these verified claims. For
-- drivers that have one call and no transaction (Supabase's rpc); only service_role may execute it.
create or replace function nunchi.as_member(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  was constant text := current_user;
  answer jsonb;
begin
  if coalesce(args -> 'claims' ->> 'sub', '') = '' then
    raise invalid_parameter_value using message = 'as_member() needs claims with a sub.';
  end if;
  perform set_config('request.jwt.claims', args ->> 'claims', true);
  perform set_config('role', 'nunchi_member', true);
  execute format('select nunchi.%I($1)', args ->> 'fn') into answer using args -> 'args';
  perform set_config('role', was, true);
  perform set_config('request.jwt.claims', '', true);
  return answer;
end
$$;
revoke execute on function nunchi.as_member(jsonb) from public;
