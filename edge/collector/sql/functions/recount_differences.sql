-- Every row of what processing wrote about a span that is not what the raw events say, by one and the same snapshot.
-- Part of recount(). Minutes are compared as far back as prune() surely left them.
create or replace function nunchi.recount_differences(project uuid, since timestamptz, until timestamptz)
returns table (area text, place text, expected text, found text)
language plpgsql set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  zone constant text := (select p.timezone from nunchi.projects p where p.id = project);
  low constant date := (since at time zone zone)::date;
  high constant date := (until at time zone zone)::date;
  fresh constant timestamptz := greatest(since, date_trunc('minute', now() - interval '7 days', 'UTC'));
begin
  return query
  select 'rollup_' || coalesce(e.grain, f.grain) || 's',
    concat_ws(' ', coalesce(e.environment, f.environment), coalesce(e.bucket, f.bucket), coalesce(e.kind, f.kind),
      coalesce(e.name, f.name)),
    concat_ws(' / ', e.events, trim_scale(e.amount)), concat_ws(' / ', f.events, trim_scale(f.amount))
  from (select * from nunchi.recount_counts(project, since, until) c
    where c.grain = 'day' or c.bucket::timestamptz >= fresh) e
  full join (
    select 'day' as grain, r.environment, r.day::text as bucket, r.kind, r.name, sum(r.events) as events,
      sum(r.amount) as amount
    from nunchi.rollup_days r where r.project_id = project and r.day >= low and r.day < high group by 2, 3, 4, 5
    union all
    select 'minute', r.environment, r.minute::text, r.kind, r.name, sum(r.events), sum(r.amount)
    from nunchi.rollup_minutes r where r.project_id = project and r.minute >= fresh and r.minute < until
    group by 2, 3, 4, 5
  ) f using (grain, environment, bucket, kind, name)
  where (e.events, e.amount) is distinct from (f.events, f.amount);

  return query
  select case coalesce(e.grain, f.grain) when 'day' then 'daily_visitors' else 'minute_visitors' end,
    concat_ws(' ', coalesce(e.environment, f.environment), coalesce(e.bucket, f.bucket),
      coalesce(e.anonymous_id, f.anonymous_id), coalesce(e.user_id, f.user_id)),
    case when e.grain is null then '' else 'a row' end, case when f.grain is null then '' else 'a row' end
  from (select * from nunchi.recount_visitors(project, since, until) c
    where c.grain = 'day' or c.bucket::timestamptz >= fresh) e
  full join (
    select 'day' as grain, v.environment, v.day::text as bucket, v.anonymous_id, v.user_id
    from nunchi.daily_visitors v where v.project_id = project and v.day >= low and v.day < high
    union all
    select 'minute', v.environment, v.minute::text, v.anonymous_id, v.user_id
    from nunchi.minute_visitors v where v.project_id = project and v.minute >= fresh and v.minute < until
  ) f using (grain, environment, bucket, anonymous_id, user_id)
  where e.grain is null or f.grain is null;

  return query
  select 'sessions', coalesce(e.session_id, f.session_id), (to_jsonb(e) - 'project_id')::text,
    (to_jsonb(f) - 'project_id')::text
  from nunchi.recount_sessions(project, since, until) e
  full join (
    select * from nunchi.sessions s where s.project_id = project and s.ended_at >= since and s.started_at < until
  ) f on f.session_id = e.session_id
  -- Of a visit that reaches beyond the span not all events are here.
  where e is distinct from f and (f.session_id is null or f.started_at >= since and f.ended_at < until);

  return query
  select coalesce(e.area, f.area), array_to_string(coalesce(e.place, f.place), ' '),
    concat_ws(' ', e.fact, e.at, e.event), concat_ws(' ', f.fact, f.at, f.event)
  from nunchi.recount_people(project, since, until) e
  full join (
    select 'identities' as area, array[i.anonymous_id] as place, to_jsonb(i.user_id) as fact, i.linked_at as at,
      i.event_id as event from nunchi.identities i where i.project_id = project
    union all
    select 'aliases', array[a.previous_id], to_jsonb(a.user_id), a.linked_at, a.event_id
    from nunchi.aliases a where a.project_id = project
    union all
    select 'traits', array[t.kind, t.subject, t.key], t.value, t.set_at, t.event_id
    from nunchi.traits t where t.project_id = project
  ) f using (area, place)
  -- What an event outside of the span said is right where it came before (of traits: after) all that lie within.
  where (e.area is not null and (f.area is null
      or case e.area when 'traits' then (f.at, f.event) < (e.at, e.event) else (f.at, f.event) > (e.at, e.event) end))
    or (f.at >= since and f.at < until and (e.fact, e.at, e.event) is distinct from (f.fact, f.at, f.event));

  return query
  select coalesce(e.area, f.area), array_to_string(coalesce(e.place, f.place), ' '),
    concat_ws(' ', e.fact, e.at, e.event), concat_ws(' ', f.fact, f.at, f.event)
  from (select * from nunchi.recount_experiments(project, since) x where x.area <> 'experiment_failure') e
  full join nunchi.experiment_rows(project) f using (area, place)
  -- A first exposure before the span is right, and says of what lies within it only whether variants differ.
  where (e.area is not null and (f.area is null or (f.at, f.event) > (e.at, e.event)
      or f.at < since and not (f.fact ->> 'multiple')::boolean
        and ((e.fact ->> 'multiple')::boolean or e.fact ->> 'variant' <> f.fact ->> 'variant')))
    -- Later than that the raw events are not read.
    or (f.at >= since and f.at < '9999-12-02' and (e.fact, e.at, e.event) is distinct from (f.fact, f.at, f.event));

  -- Of all that there is, and no part of it, what experiments came to.
  if since <= '1970-01-03' and until > '9999-01-01' then
    return query
    select r.area, array_to_string(r.place, ' '), r.expected, r.found from nunchi.recount_results(project) r
    where r.expected <> r.found;
  end if;
end
$$;
revoke execute on function nunchi.recount_differences(uuid, timestamptz, timestamptz) from public;
