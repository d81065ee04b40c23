-- { page, source, country, device }: of each kind [{ name, events }], the ten most frequent names on the days from
-- `since` to `until`. One pass for all kinds. Part of overview().
create or replace function nunchi.overview_top(project uuid, env text, since date, until date) returns jsonb
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_custom_plan
  set work_mem = '64MB' as $$
begin
  return (
    select coalesce(jsonb_object_agg(t.kind, t.names), '{}')
    from (
      select n.kind, jsonb_agg(jsonb_build_object('name', n.name, 'events', n.events) order by n.place) as names
      from (
        select r.kind, r.name, sum(r.events) as events,
          row_number() over (partition by r.kind order by sum(r.events) desc, r.name collate "C") as place
        from nunchi.rollup_days r
        where r.project_id = project and r.environment = env and r.day between since and until
          and r.kind in ('page', 'source', 'country', 'device')
        group by r.kind, r.name
      ) n
      where n.place <= 10
      group by n.kind
    ) t);
end
$$;
revoke execute on function nunchi.overview_top(uuid, text, date, date) from public;
