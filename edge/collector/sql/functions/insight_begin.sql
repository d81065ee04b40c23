-- { keyHash, cacheKey, reserve, budget } → { answer } (null where the model wrote nothing of use a short while ago), or
-- { granted, day }: whether that day's budget (UTC) has room for `reserve` tokens, which are then taken, or
-- { error: 'key_unknown' }. Project and environment are the key's; whether it may read insights, the caller has asked.
create or replace function nunchi.insight_begin(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  k nunchi.api_keys;
  kept nunchi.insight_cache;
  today constant date := (clock_timestamp() at time zone 'UTC')::date;
  reserve constant bigint := args ->> 'reserve';
  budget constant bigint := args ->> 'budget';
begin
  select a.* into k from nunchi.api_keys a where a.hash = args ->> 'keyHash' and a.revoked_at is null;
  if k.id is null then
    return jsonb_build_object('error', 'key_unknown');
  end if;
  select c.* into kept from nunchi.insight_cache c
  where c.project_id = k.project_id and c.environment = k.environment and c.key = args ->> 'cacheKey'
    and c.expires_at > clock_timestamp();
  if kept.key is not null then
    return jsonb_build_object('answer', kept.answer);
  end if;
  insert into nunchi.insight_usage (project_id, day, tokens, calls, refused) values (k.project_id, today, 0, 0, 0)
  on conflict do nothing;
  -- One row, one lock: two that ask at once cannot both have the last of it.
  update nunchi.insight_usage u set tokens = u.tokens + reserve, calls = u.calls + 1
  where u.project_id = k.project_id and u.day = today and u.tokens + reserve <= budget;
  if found then
    return jsonb_build_object('granted', true, 'day', today);
  end if;
  update nunchi.insight_usage u set refused = u.refused + 1 where u.project_id = k.project_id and u.day = today;
  return jsonb_build_object('granted', false, 'day', today);
end
$$;
revoke execute on function nunchi.insight_begin(jsonb) from public;
grant execute on function nunchi.insight_begin(jsonb) to nunchi_app;
