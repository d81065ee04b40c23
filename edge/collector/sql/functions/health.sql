-- {} → { ok, version, queue, now }: the last migration's number, how many queue rows wait (counted up to
-- 10,000), and the database's clock in ms. Cheap enough for a readiness probe.
create or replace function nunchi.health(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select jsonb_build_object('ok', true,
    'version', (select max(m.version) from nunchi.schema_migrations m),
    'queue', (select count(*) from (
      select from nunchi.event_processing_queue q where q.processing_status = 'pending' limit 10000) waiting),
    'now', floor(extract(epoch from clock_timestamp()) * 1000)::bigint)
$$;
revoke execute on function nunchi.health(jsonb) from public;
grant execute on function nunchi.health(jsonb) to nunchi_app;
