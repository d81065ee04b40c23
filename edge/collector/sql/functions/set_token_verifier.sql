-- { projectId, environment, verifier: { name, kind, issuer, audience, algorithm, subjectClaim?, secret | key | url },
-- actor? } → { before }: makes or replaces one; `before` is what it was, without its secret, or null. At most ten are in
-- force; those that have retired go. Run by the owner; the caller has validated the verifier. One audit row.
create or replace function nunchi.set_token_verifier(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  place constant text := args ->> 'environment';
  next constant jsonb := args -> 'verifier';
  old nunchi.token_verifiers;
  made nunchi.token_verifiers;
begin
  perform from nunchi.projects p where p.id = project for update;
  select * into old from nunchi.token_verifiers t
  where t.project_id = project and t.environment = place and t.name = next ->> 'name';
  delete from nunchi.token_verifiers t
  where t.project_id = project and t.environment = place and (t.retires_at <= now() or t.name = next ->> 'name');
  if (select count(*) from nunchi.token_verifiers t where t.project_id = project and t.environment = place) >= 10 then
    raise invalid_parameter_value using message = 'Ten verifiers are in force here already; remove one first.';
  end if;
  insert into nunchi.token_verifiers (project_id, environment, name, kind, issuer, audience, algorithm, subject_claim,
    secret, key, url, created_at)
  values (project, place, next ->> 'name', next ->> 'kind', next ->> 'issuer', next ->> 'audience',
    next ->> 'algorithm', coalesce(next ->> 'subjectClaim', 'sub'), next ->> 'secret', next -> 'key', next ->> 'url',
    coalesce(old.created_at, now()))
  returning * into made;
  perform nunchi.audit(project, args ->> 'actor', 'token_verifier.set', made.name,
    nunchi.token_verifier_shown(to_jsonb(old)), nunchi.token_verifier_shown(to_jsonb(made)));
  return jsonb_build_object('before', nunchi.token_verifier_shown(to_jsonb(old)));
end
$$;
revoke execute on function nunchi.set_token_verifier(jsonb) from public;
