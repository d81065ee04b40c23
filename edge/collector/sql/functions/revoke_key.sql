-- { keyId | hash | hint, actor? } → { revoked: [{ keyId, hint }] }: the keys that this call revoked; empty where
-- none fits or it was revoked before. An audit row for each. A hint that fits several keys revokes none and says so.
create or replace function nunchi.revoke_key(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  fits integer[];
  revoked jsonb;
begin
  select array_agg(k.id) into fits
  from nunchi.api_keys k
  where k.revoked_at is null
    and (k.id::text = args ->> 'keyId' or k.hash = args ->> 'hash' or k.hint = args ->> 'hint');
  if cardinality(fits) > 1 then
    raise invalid_parameter_value using message = format(
      'The hint %L fits %s keys; name one by its keyId: %s.', args ->> 'hint', cardinality(fits), fits::text);
  end if;
  with done as (
    update nunchi.api_keys k set revoked_at = now() where k.id = any (fits) and k.revoked_at is null
    returning k.id, k.hint
  )
  select coalesce(jsonb_agg(jsonb_build_object('keyId', d.id::text, 'hint', d.hint)), '[]') into revoked from done d;
  perform nunchi.audit(k.project_id, args ->> 'actor', 'key.revoke', k.id::text, '{"revoked_at": null}',
    jsonb_build_object('revoked_at', k.revoked_at))
  from nunchi.api_keys k where k.id = any (fits) and revoked <> '[]';
  return jsonb_build_object('revoked', revoked);
end
$$;
revoke execute on function nunchi.revoke_key(jsonb) from public;
