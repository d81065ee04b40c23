-- { keyHash, day, reserved, used, cacheKey?, answer?, keepMs? } → {}: corrects what `insight_begin` took on `day` to what
-- was used, and keeps `answer` (null: nothing of use) for `keepMs` where a cacheKey is given. What expired goes, 100 rows
-- a call. A call that never comes leaves the reservation as used.
create or replace function nunchi.insight_end(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  k nunchi.api_keys;
  correction constant bigint := (args ->> 'used')::bigint - (args ->> 'reserved')::bigint;
begin
  select a.* into k from nunchi.api_keys a where a.hash = args ->> 'keyHash';
  update nunchi.insight_usage u set tokens = greatest(0, u.tokens + correction)
  where u.project_id = k.project_id and u.day = (args ->> 'day')::date and correction <> 0;
  if args ? 'cacheKey' then
    insert into nunchi.insight_cache as c (project_id, environment, key, answer, expires_at)
    select k.project_id, k.environment, args ->> 'cacheKey', nullif(args -> 'answer', 'null'),
      clock_timestamp() + make_interval(secs => (args ->> 'keepMs')::double precision / 1000)
    where k.id is not null
    on conflict (project_id, environment, key) do update
    set answer = excluded.answer, expires_at = excluded.expires_at;
  end if;
  delete from nunchi.insight_cache c where c.ctid = any (array(
    select d.ctid from nunchi.insight_cache d where d.expires_at < clock_timestamp() limit 100 for update skip locked));
  return '{}';
end
$$;
revoke execute on function nunchi.insight_end(jsonb) from public;
grant execute on function nunchi.insight_end(jsonb) to nunchi_app;
