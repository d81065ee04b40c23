-- The months of events that no project needs any more: past for each project that has a row there, and older than
-- what make_partitions() would make again. Part of retain().
create or replace function nunchi.retain_months(at timestamptz) returns table (name text)
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
declare
  month record;
  needed boolean;
begin
  for month in
    select c.relname::text as name, to_date(right(c.relname, 7), 'YYYY_MM')::timestamptz + interval '1 month' as ends
    from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'nunchi.analytics_events'::regclass and c.relname ~ '_\d{4}_\d\d$'
    order by c.relname
  loop
    continue when month.ends > date_trunc('month', at - interval '32 days')
      or month.ends + interval '48 hours' > at - make_interval(days => (select min(p.retention_days) from nunchi.projects p));
    -- An event lies within 48 hours of its id, but for those of a suspect clock.
    execute format('
      select exists (
        select from nunchi.projects p
        where (p.retention_days is null or $1 + interval ''48 hours'' > $2 - make_interval(days => p.retention_days))
          and exists (select from nunchi.%1$I e where e.project_id = p.id)
      ) or exists (
        select from nunchi.projects p join nunchi.%1$I e on e.project_id = p.id and e.clock_suspect
          and e.occurred_at >= $2 - make_interval(days => p.retention_days))', month.name)
    into needed using month.ends, at;
    continue when needed is not false;
    name := month.name;
    return next;
  end loop;
end
$$;
revoke execute on function nunchi.retain_months(timestamptz) from public;
