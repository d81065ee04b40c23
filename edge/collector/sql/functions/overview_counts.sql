-- { sessions, pages, events, conversions, revenue: [{ currency, amount }] } of the days from `since` to `until` in the
-- project's zone, of revenue the three largest currencies. Part of overview().
create or replace function nunchi.overview_counts(project uuid, env text, zone text, since date, until date)
returns jsonb
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_custom_plan as $$
begin
  return (
    with counts as materialized (
      select r.kind, r.name, sum(r.events) as events, sum(r.amount) as amount
      from nunchi.rollup_days r
      where r.project_id = project and r.environment = env and r.day between since and until
        and r.kind in ('total', 'type', 'conversion', 'revenue')
      group by r.kind, r.name
    ), money as (
      select c.name as currency, c.amount from counts c where c.kind = 'revenue' order by c.amount desc, c.name limit 3
    )
    select jsonb_build_object(
      'sessions', (select count(*) from nunchi.sessions s where s.project_id = project and s.environment = env
        and s.started_at >= since::timestamp at time zone zone
        and s.started_at < (until + 1)::timestamp at time zone zone),
      'pages', coalesce(sum(c.events) filter (where c.kind = 'type' and c.name = 'page'), 0),
      'events', coalesce(sum(c.events) filter (where c.kind = 'total'), 0),
      'conversions', coalesce(sum(c.events) filter (where c.kind = 'conversion'), 0),
      'revenue', (select coalesce(jsonb_agg(to_jsonb(m) order by m.amount desc, m.currency), '[]') from money m))
    from counts c);
end
$$;
revoke execute on function nunchi.overview_counts(uuid, text, text, date, date) from public;
