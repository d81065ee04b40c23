-- What daily_visitors and minute_visitors should hold of a span. Part of recount().
create or replace function nunchi.recount_visitors(project uuid, since timestamptz, until timestamptz)
returns table (grain text, environment text, bucket text, anonymous_id text, user_id text)
language sql stable set search_path = '' set timezone = 'UTC' set jit = off as $$
  select 'day', e.environment, e.day::text, coalesce(e.anonymous_id, ''), coalesce(e.user_id, '')
  from nunchi.raw_events(project, since, until) e where e.counted
  union
  select 'minute', e.environment, e.minute::text, coalesce(e.anonymous_id, ''), coalesce(e.user_id, '')
  from nunchi.raw_events(project, since, until) e where e.counted
$$;
revoke execute on function nunchi.recount_visitors(uuid, timestamptz, timestamptz) from public;
