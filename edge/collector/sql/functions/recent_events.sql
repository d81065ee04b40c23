-- { keyHash, anonymousId, limit } → a visitor's newest events of the key's project, newest first:
-- [{ id, type, name, occurredAt, receivedAt, properties }], times in ms, at most 200. Looks among the
-- project's newest 10,000 events: no index by visitor exists, because it would cost every insert.
create or replace function nunchi.recent_events(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'type', e.type, 'name', e.name,
      'occurredAt', floor(extract(epoch from e.occurred_at) * 1000)::bigint,
      'receivedAt', floor(extract(epoch from e.received_at) * 1000)::bigint,
      'properties', e.properties) order by e.id desc), '[]')
  from (
    select newest.*
    from nunchi.api_keys k, lateral (
      select * from nunchi.analytics_events a where a.project_id = k.project_id order by a.id desc limit 10000
    ) newest
    where k.hash = args ->> 'keyHash' and k.revoked_at is null
      and newest.anonymous_id = args ->> 'anonymousId'
    order by newest.id desc
    limit least(greatest(coalesce((args ->> 'limit')::integer, 50), 0), 200)
  ) e
$$;
revoke execute on function nunchi.recent_events(jsonb) from public;
grant execute on function nunchi.recent_events(jsonb) to nunchi_app;
