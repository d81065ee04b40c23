-- Writes anew what processing says about a span, from the raw events. Part of recount(), which sees to it that nobody
-- is processing meanwhile.
create or replace function nunchi.recount_repair(project uuid, since timestamptz, until timestamptz) returns void
language plpgsql set search_path = '' set timezone = 'UTC' set jit = off as $$
declare
  zone constant text := (select p.timezone from nunchi.projects p where p.id = project);
  low constant date := (since at time zone zone)::date;
  high constant date := (until at time zone zone)::date;
  fresh constant timestamptz := greatest(since, date_trunc('minute', now() - interval '7 days', 'UTC'));
begin
  delete from nunchi.rollup_days r where r.project_id = project and r.day >= low and r.day < high;
  insert into nunchi.rollup_days (project_id, environment, day, kind, name, shard, events, amount)
  select project, c.environment, c.bucket::date, c.kind, c.name, 0, c.events, c.amount
  from nunchi.recount_counts(project, since, until) c where c.grain = 'day';
  delete from nunchi.rollup_minutes r where r.project_id = project and r.minute >= fresh and r.minute < until;
  insert into nunchi.rollup_minutes (project_id, environment, minute, kind, name, shard, events, amount)
  select project, c.environment, c.bucket::timestamptz, c.kind, c.name, 0, c.events, c.amount
  from nunchi.recount_counts(project, since, until) c where c.grain = 'minute' and c.bucket::timestamptz >= fresh;

  delete from nunchi.daily_visitors v where v.project_id = project and v.day >= low and v.day < high;
  insert into nunchi.daily_visitors (project_id, environment, day, anonymous_id, user_id)
  select project, c.environment, c.bucket::date, c.anonymous_id, c.user_id
  from nunchi.recount_visitors(project, since, until) c where c.grain = 'day';
  delete from nunchi.minute_visitors v where v.project_id = project and v.minute >= fresh and v.minute < until;
  insert into nunchi.minute_visitors (project_id, environment, minute, anonymous_id, user_id)
  select project, c.environment, c.bucket::timestamptz, c.anonymous_id, c.user_id
  from nunchi.recount_visitors(project, since, until) c where c.grain = 'minute' and c.bucket::timestamptz >= fresh;

  delete from nunchi.sessions s where s.project_id = project and s.started_at >= since and s.ended_at < until;
  insert into nunchi.sessions select s.* from nunchi.recount_sessions(project, since, until) s
  on conflict (project_id, session_id) do nothing;

  delete from nunchi.identities i where i.project_id = project and i.linked_at >= since and i.linked_at < until;
  insert into nunchi.identities as i (project_id, anonymous_id, user_id, linked_at, event_id)
  select project, e.place[1], e.fact #>> '{}', e.at, e.event
  from nunchi.recount_people(project, since, until) e where e.area = 'identities'
  on conflict (project_id, anonymous_id) do update
  set user_id = excluded.user_id, linked_at = excluded.linked_at, event_id = excluded.event_id
  where (excluded.linked_at, excluded.event_id) < (i.linked_at, i.event_id);
  delete from nunchi.aliases a where a.project_id = project and a.linked_at >= since and a.linked_at < until;
  insert into nunchi.aliases as a (project_id, previous_id, user_id, linked_at, event_id)
  select project, e.place[1], e.fact #>> '{}', e.at, e.event
  from nunchi.recount_people(project, since, until) e where e.area = 'aliases'
  on conflict (project_id, previous_id) do update
  set user_id = excluded.user_id, linked_at = excluded.linked_at, event_id = excluded.event_id
  where (excluded.linked_at, excluded.event_id) < (a.linked_at, a.event_id);
  delete from nunchi.traits t where t.project_id = project and t.set_at >= since and t.set_at < until;
  insert into nunchi.traits as t (project_id, kind, subject, key, value, set_at, event_id)
  select project, e.place[1], e.place[2], e.place[3], e.fact, e.at, e.event
  from nunchi.recount_people(project, since, until) e where e.area = 'traits'
  on conflict (project_id, kind, subject, key) do update
  set value = excluded.value, set_at = excluded.set_at, event_id = excluded.event_id
  where (excluded.set_at, excluded.event_id) > (t.set_at, t.event_id);

  delete from nunchi.experiment_assignments a where a.project_id = project and a.assigned_at >= since;
  insert into nunchi.experiment_assignments as a (project_id, environment, experiment, revision, unit, attribute,
    variant, config_version, rule, anonymous_id, user_id, assigned_at, event_id, multiple)
  select project, e.place[1], e.place[2], e.place[3]::integer, e.place[4], e.fact ->> 'attribute', e.fact ->> 'variant',
    e.fact ->> 'config_version', e.fact ->> 'rule', e.fact ->> 'anonymous_id', e.fact ->> 'user_id', e.at, e.event,
    (e.fact ->> 'multiple')::boolean
  from nunchi.recount_experiments(project, since) e where e.area = 'experiment_assignments'
  -- What is left was first seen before the span.
  on conflict (project_id, environment, experiment, revision, unit) do update
  set multiple = a.multiple or excluded.multiple or a.variant <> excluded.variant;
  delete from nunchi.experiment_conversions c where c.project_id = project and c.occurred_at >= since;
  insert into nunchi.experiment_conversions (project_id, environment, event_id, metric, value, step, anonymous_id,
    user_id, occurred_at)
  select project, e.place[1], e.event, e.fact ->> 'metric', (e.fact ->> 'value')::numeric, e.fact ->> 'step',
    e.fact ->> 'anonymous_id', e.fact ->> 'user_id', e.at
  from nunchi.recount_experiments(project, since) e where e.area = 'experiment_conversions';

  -- The sums of results are made anew from all that there is.
  update nunchi.metric_parts p set filled_from = 'infinity' where p.project_id = project;
  update nunchi.result_metrics m set ready = false where m.project_id = project;
  delete from nunchi.metric_facts f where f.project_id = project;
  delete from nunchi.result_touches t where t.project_id = project;
  update nunchi.result_trackers t set listed = false, built = '' where t.project_id = project;
  delete from nunchi.result_units u where u.project_id = project;
  delete from nunchi.result_sums s where s.project_id = project;
end
$$;
revoke execute on function nunchi.recount_repair(uuid, timestamptz, timestamptz) from public;
