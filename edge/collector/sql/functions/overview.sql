-- { tokenHash, days } → everything that the overview shows of the session's project and environment, for the last
-- `days` days up to now and as many before; null where the session is unknown, has ended, or its key was revoked.
-- Reads counts that processing made, never events.
create or replace function nunchi.overview(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  days constant integer := (args ->> 'days')::integer;
  whose record;
  -- The period's first day and its last, and the first of the period before; in the project's zone.
  since date;
  today date;
  earlier date;
  people bigint[];
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
  today := (now() at time zone whose.timezone)::date;
  since := today - days + 1;
  earlier := since - days;
  people := nunchi.overview_people(whose.id, whose.environment, earlier, since, today);
  present := nunchi.overview_counts(whose.id, whose.environment, whose.timezone, since, today);
  top := nunchi.overview_top(whose.id, whose.environment, since, today);

  return jsonb_build_object(
    'project', jsonb_build_object('name', whose.name, 'timezone', whose.timezone),
    'environment', whose.environment, 'at', floor(extract(epoch from clock_timestamp()) * 1000), 'days', days,
    'visitorsNow', nunchi.usage_of(whose.id, whose.environment, now() - interval '5 minutes',
      now() + interval '1 second', 'minute') -> 'people',
    'minutes', nunchi.overview_minutes(whose.id, whose.environment),
    'totals', present - 'revenue' || jsonb_build_object('people', people[1]),
    'before', nunchi.overview_counts(whose.id, whose.environment, whose.timezone, earlier, since - 1) - 'revenue'
      || jsonb_build_object('people', people[2]),
    'revenue', present -> 'revenue',
    'pages', coalesce(top -> 'page', '[]'), 'sources', coalesce(top -> 'source', '[]'),
    'countries', coalesce(top -> 'country', '[]'), 'devices', coalesce(top -> 'device', '[]'),
    'vitals', nunchi.overview_vitals(whose.id, whose.environment, since),
    'quality', nunchi.overview_quality(nunchi.quality(jsonb_build_object('projectId', whose.id,
      'from', floor(extract(epoch from now() - make_interval(days => days - 1)) * 1000)))));
end
$$;
revoke execute on function nunchi.overview(jsonb) from public;
grant execute on function nunchi.overview(jsonb) to nunchi_app;
