-- { projectId, environment, name, afterMs?, actor? } → { before, retiresAt }: takes a verifier away, at once or, with
-- `afterMs`, so many ms from now; both null where there is none of that name. Run by the owner. One audit row.
create or replace function nunchi.remove_token_verifier(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  wait constant double precision := coalesce((args ->> 'afterMs')::double precision, 0);
  old nunchi.token_verifiers;
  made nunchi.token_verifiers;
begin
  select * into old from nunchi.token_verifiers t
  where t.project_id = (args ->> 'projectId')::uuid and t.environment = args ->> 'environment'
    and t.name = args ->> 'name' for update;
  if not found then
    return jsonb_build_object('before', null, 'retiresAt', null);
  end if;
  if wait > 0 then
    update nunchi.token_verifiers t
    set retires_at = now() + make_interval(secs => wait / 1000), updated_at = now()
    where t.project_id = old.project_id and t.environment = old.environment and t.name = old.name
    returning * into made;
  else
    delete from nunchi.token_verifiers t
    where t.project_id = old.project_id and t.environment = old.environment and t.name = old.name;
  end if;
  perform nunchi.audit(old.project_id, args ->> 'actor',
    case when wait > 0 then 'token_verifier.retire' else 'token_verifier.remove' end, old.name,
    nunchi.token_verifier_shown(to_jsonb(old)), nunchi.token_verifier_shown(to_jsonb(made)));
  return jsonb_build_object('before', nunchi.token_verifier_shown(to_jsonb(old)),
    'retiresAt', floor(extract(epoch from made.retires_at) * 1000)::bigint);
end
$$;
revoke execute on function nunchi.remove_token_verifier(jsonb) from public;
