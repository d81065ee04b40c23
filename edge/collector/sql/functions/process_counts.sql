-- Who was there, and how much of what, by minute and by day. Part of process(). Each worker adds into rows of its
-- own shard, so that nobody waits for the hot minute.
create or replace function nunchi.process_counts(facts nunchi.fact[], worker smallint) returns void
language plpgsql set search_path = '' set jit = off as $$
begin
  insert into nunchi.minute_visitors (project_id, environment, minute, anonymous_id, user_id)
  select distinct f.project_id, f.environment, date_trunc('minute', f.occurred_at, 'UTC'),
    coalesce(f.anonymous_id, ''), coalesce(f.user_id, '')
  from unnest(facts) f where f.counted
  order by 1, 2, 3, 4, 5
  on conflict do nothing;

  insert into nunchi.daily_visitors (project_id, environment, day, anonymous_id, user_id)
  select distinct f.project_id, f.environment, f.day, coalesce(f.anonymous_id, ''), coalesce(f.user_id, '')
  from unnest(facts) f where f.counted
  order by 1, 2, 3, 4, 5
  on conflict do nothing;

  insert into nunchi.rollup_minutes as r (project_id, environment, minute, kind, name, shard, events, amount)
  select f.project_id, f.environment, date_trunc('minute', f.occurred_at, 'UTC'), k.kind, k.name, worker, count(*),
    coalesce(sum(k.amount), 0)
  from unnest(facts) f
  cross join lateral (values ('total', '', null::numeric), ('type', f.type, null), ('conversion', f.conversion, null),
    ('revenue', f.currency, f.amount), ('feature', f.feature, null)) k (kind, name, amount)
  where f.counted and k.name is not null
  group by 1, 2, 3, 4, 5
  order by 1, 2, 3, 4, 5
  on conflict (project_id, environment, minute, kind, name, shard) do update
  set events = r.events + excluded.events, amount = r.amount + excluded.amount;

  insert into nunchi.rollup_days as r (project_id, environment, day, kind, name, shard, events, amount)
  select f.project_id, f.environment, f.day, k.kind, k.name, worker, count(*), coalesce(sum(k.amount), 0)
  from unnest(facts) f
  cross join lateral (values ('total', '', null::numeric), ('type', f.type, null),
    ('event', case f.type when 'track' then f.name end, null), ('page', f.path, null), ('source', f.source, null),
    ('campaign', left(nullif(f.campaign ->> 'name', ''), 200), null),
    ('country', case f.type when 'page' then f.country end, null),
    ('device', case f.type when 'page' then f.device_class end, null),
    ('browser', case f.type when 'page' then f.browser end, null), ('os', case f.type when 'page' then f.os end, null),
    ('conversion', f.conversion, null), ('revenue', f.currency, f.amount), ('feature', f.feature, null),
    ('vital', f.vital, f.vital_value)) k (kind, name, amount)
  where f.counted and k.name is not null
  group by 1, 2, 3, 4, 5
  order by 1, 2, 3, 4, 5
  on conflict (project_id, environment, day, kind, name, shard) do update
  set events = r.events + excluded.events, amount = r.amount + excluded.amount;
end
$$;
revoke execute on function nunchi.process_counts(nunchi.fact[], smallint) from public;
