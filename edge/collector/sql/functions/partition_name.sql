-- The name of the partition that holds a month's events (UTC), with its schema.
create or replace function nunchi.partition_name(month timestamptz) returns text
language sql stable strict parallel safe set search_path = '' as $$
  select 'nunchi.analytics_events_' || to_char(month at time zone 'UTC', 'YYYY_MM')
$$;
revoke execute on function nunchi.partition_name(timestamptz) from public;
