-- nunchi_data.quality: what arrived, day by day.
create or replace view nunchi_data.quality with (security_invoker = true) as
select q.project_id, q.environment, q.day, sum(q.events)::bigint as events, sum(q.bots)::bigint as bots,
  sum(q.internal)::bigint as internal, sum(q.late)::bigint as late, sum(q.skewed)::bigint as skewed,
  sum(q.clock_suspect)::bigint as clock_suspect
from nunchi.quality_days q
group by q.project_id, q.environment, q.day;

comment on view nunchi_data.quality is
  'What arrived, by day, counted as it is processed; what did not is in rejects and drops.';
comment on column nunchi_data.quality.day is 'The day of arrival, in UTC.';
comment on column nunchi_data.quality.events is 'Events that were stored; those of the other columns are among them.';
comment on column nunchi_data.quality.bots is 'Events of programs.';
comment on column nunchi_data.quality.internal is 'Events with a key that is marked internal.';
comment on column nunchi_data.quality.late is 'Events that arrived an hour or more after they occurred.';
comment on column nunchi_data.quality.skewed is 'Events of senders whose clock was off by more than a minute.';
comment on column nunchi_data.quality.clock_suspect is 'Events whose time is in doubt by more than 48 hours.';
