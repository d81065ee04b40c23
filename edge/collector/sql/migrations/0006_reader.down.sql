-- Readers see nothing any more; their logins stay, and so do the events.
do $$
declare
  name text;
begin
  foreach name in array array['projects', 'analytics_events', 'event_rejects', 'sdk_drops', 'identities', 'aliases',
    'traits', 'sessions', 'daily_visitors', 'rollup_minutes', 'rollup_days', 'quality_days'] loop
    execute format('revoke select on nunchi.%I from nunchi_reader', name);
    execute format('drop policy reader_reads on nunchi.%I', name);
  end loop;
end
$$;
drop function nunchi.reader_projects();
drop table nunchi.quality_days;
drop table nunchi.reader_grants;
