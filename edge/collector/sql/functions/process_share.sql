-- How many of the claimed rows, from the front, one call can bear; 0 where the first is too much by itself and can
-- be parted. Part of process(). An event costs 1 of `room`, and more by what it carries: each trait is a row of its
-- own, and a claim of the largest events that are let in would run into the time limit, again at every try.
create or replace function nunchi.process_share(claimed bigint[], room integer) returns integer
language sql set search_path = '' set enable_seqscan = off set jit = off as $$
  select case when count(*) filter (where s.upto <= room) > 0 then count(*) filter (where s.upto <= room)
    when max(s.events) filter (where s.n = 1) > 1 then 0 else 1 end
  from (
    select c.n, c.events, sum(c.cost) over (order by c.n) as upto
    from (
      select r.n, cardinality(q.event_ids) as events, coalesce(sum(e.cost), 0) as cost
      from unnest(claimed) with ordinality r (id, n)
      join nunchi.event_processing_queue q on q.id = r.id
      left join lateral unnest(q.project_ids, q.event_ids) u (project_id, id) on true
      left join lateral (select 1 + (coalesce(pg_column_size(a.properties), 0) + coalesce(pg_column_size(a.page_url), 0)
          + coalesce(pg_column_size(a.page_referrer), 0)) / 2000
          + case when a.type in ('identify', 'group') and jsonb_typeof(a.properties) = 'object'
            then (select count(*) from jsonb_object_keys(a.properties)) / 12 else 0 end as cost
        from nunchi.analytics_events a where a.project_id = u.project_id and a.id = u.id offset 0) e on true
      group by r.n, q.event_ids
    ) c
  ) s
$$;
revoke execute on function nunchi.process_share(bigint[], integer) from public;
