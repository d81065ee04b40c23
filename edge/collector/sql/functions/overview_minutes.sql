-- [events of each of the last sixty minutes], the current one last. Part of overview().
create or replace function nunchi.overview_minutes(project uuid, env text) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  with counted as (
    select r.minute, sum(r.events) as events
    from nunchi.rollup_minutes r
    where r.project_id = project and r.environment = env and r.kind = 'total'
      and r.minute >= date_trunc('minute', now(), 'UTC') - interval '59 minutes'
      and r.minute < date_trunc('minute', now(), 'UTC') + interval '1 minute'
    group by r.minute
  )
  select jsonb_agg(coalesce(c.events, 0) order by m)
  from generate_series(date_trunc('minute', now(), 'UTC') - interval '59 minutes', date_trunc('minute', now(), 'UTC'),
    interval '1 minute') m
  left join counted c on c.minute = m
$$;
revoke execute on function nunchi.overview_minutes(uuid, text) from public;
