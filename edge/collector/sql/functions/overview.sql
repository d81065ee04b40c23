-- { tokenHash, days } → everything that the overview shows of the session's project and environment, for the last
-- `days` days up to now and as many before; null where the session is unknown, has ended, or its key was revoked.
-- Reads counts that processing made, never events.
create or replace function nunchi.overview(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  days constant integer := (args ->> 'days')::integer;
  whose record;
  -- The period's first moment, and the first of the period before.
  since timestamptz;
  earlier timestamptz;
  present jsonb;
  top jsonb;
begin
  select p.id, p.name, p.timezone, k.environment into whose
  from nunchi.overview_sessions s
  join nunchi.api_keys k on k.id = s.key_id and k.revoked_at is null
  join nunchi.projects p on p.id = s.project_id
  where s.token_hash = args ->> 'tokenHash' and s.expires_at > now();
  if whose.id is null then
    return null;
  end if;
  since := ((now() at time zone whose.timezone)::date - days + 1)::timestamp at time zone whose.timezone;
  earlier := ((now() at time zone whose.timezone)::date - 2 * days + 1)::timestamp at time zone whose.timezone;
  present := nunchi.usage_of(whose.id, whose.environment, since, now() + interval '1 second', 'day');
  select jsonb_object_agg(k.kind, nunchi.breakdown_of(whose.id, whose.environment, since, now() + interval '1 second',
    k.kind, 10) -> 'rows')
  into top from unnest(array['page', 'source', 'country', 'device']) k (kind);

  return jsonb_build_object(
    'project', jsonb_build_object('name', whose.name, 'timezone', whose.timezone),
    'environment', whose.environment, 'at', floor(extract(epoch from clock_timestamp()) * 1000), 'days', days,
    'visitorsNow', nunchi.usage_of(whose.id, whose.environment, now() - interval '5 minutes',
      now() + interval '1 second', 'minute') -> 'people',
    'minutes', jsonb_path_query_array(nunchi.usage_of(whose.id, whose.environment,
      date_trunc('minute', now()) - interval '59 minutes', date_trunc('minute', now()) + interval '1 minute',
      'minute'), '$.buckets[*].events'),
    'totals', nunchi.overview_totals(present),
    'before', nunchi.overview_totals(nunchi.usage_of(whose.id, whose.environment, earlier, since, 'day')),
    'revenue', nunchi.overview_revenue(present),
    'pages', top -> 'page', 'sources', top -> 'source', 'countries', top -> 'country', 'devices', top -> 'device',
    'vitals', nunchi.overview_vitals(whose.id, whose.environment, (since at time zone whose.timezone)::date),
    'quality', nunchi.overview_quality(nunchi.quality(jsonb_build_object('projectId', whose.id,
      'from', floor(extract(epoch from now() - make_interval(days => days - 1)) * 1000)))));
end
$$;
revoke execute on function nunchi.overview(jsonb) from public;
grant execute on function nunchi.overview(jsonb) to nunchi_app;
