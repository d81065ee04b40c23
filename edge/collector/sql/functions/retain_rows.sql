-- Deletes at most `room` rows of a project that lie before its horizon (null: it keeps its events), and answers how
-- many of which table. What no question needs goes after 90 days (rejects) or 400 (reported drops) in any case.
-- Part of retain().
create or replace function nunchi.retain_rows(project uuid, horizon timestamptz, at timestamptz, room integer)
returns table (name text, gone bigint)
language plpgsql set search_path = '' as $$
declare
  rule record;
begin
  for rule in
    select * from (values
      -- By the id's time to within 48 hours, so that only old months are opened.
      ('analytics_events', horizon, 'select e.tableoid, e.ctid from nunchi.analytics_events e where e.project_id = $1
        and e.id < nunchi.uuid_floor($2 + interval ''48 hours'') and e.occurred_at < $2
        and e.tableoid <> ''nunchi.analytics_events_default''::regclass'),
      ('analytics_events', horizon, 'select e.tableoid, e.ctid from nunchi.analytics_events e where e.project_id = $1
        and e.clock_suspect and e.occurred_at < $2 and e.tableoid <> ''nunchi.analytics_events_default''::regclass'),
      -- Their ids tell nothing of when; only we know when they came.
      ('analytics_events_default', horizon, 'select e.tableoid, e.ctid from nunchi.analytics_events_default e
        where e.project_id = $1 and e.received_at < $2'),
      ('sessions', horizon, 'select e.tableoid, e.ctid from nunchi.sessions e where e.project_id = $1 and e.ended_at < $2'),
      ('experiment_assignments', horizon, 'select e.tableoid, e.ctid from nunchi.experiment_assignments e
        where e.project_id = $1 and e.assigned_at < $2'),
      ('experiment_conversions', horizon, 'select e.tableoid, e.ctid from nunchi.experiment_conversions e
        where e.project_id = $1 and e.occurred_at < $2'),
      ('metric_facts', horizon, 'select e.tableoid, e.ctid from nunchi.metric_facts e where e.project_id = $1 and e.occurred_at < $2'),
      ('interactions', horizon, 'select e.tableoid, e.ctid from nunchi.interactions e where e.project_id = $1 and greatest(e.last_at, e.dismissed_at) < $2'),
      ('user_preferences', horizon, 'select e.tableoid, e.ctid from nunchi.user_preferences e where e.project_id = $1 and e.updated_at < $2'),
      ('minute_visitors', horizon, 'select e.tableoid, e.ctid from nunchi.minute_visitors e where e.project_id = $1 and e.minute < $2'),
      ('daily_visitors', horizon, 'select e.tableoid, e.ctid from nunchi.daily_visitors e where e.project_id = $1 and e.day < ($2 at time zone ''UTC'')::date - 1'),
      ('event_rejects', greatest(horizon, at - interval '90 days'), 'select e.tableoid, e.ctid from nunchi.event_rejects e
        where e.project_id = $1 and e.received_at < $2'),
      ('sdk_drops', greatest(horizon, at - interval '400 days'), 'select e.tableoid, e.ctid from nunchi.sdk_drops e
        where e.project_id = $1 and e.day < ($2 at time zone ''UTC'')::date')
    ) r (name, before, which)
  loop
    exit when room <= 0;
    continue when rule.before is null;
    execute format('delete from nunchi.%I d using (%s limit $3) old where d.tableoid = old.tableoid and d.ctid = old.ctid',
      rule.name, rule.which)
    using project, rule.before, room;
    get diagnostics gone = row_count;
    room := room - gone;
    if gone > 0 then
      name := rule.name;
      return next;
    end if;
  end loop;
end
$$;
revoke execute on function nunchi.retain_rows(uuid, timestamptz, timestamptz, integer) from public;
