-- nunchi_data.…_between(): a time span of a view of events, read from the months in question only.
-- Events are stored by month of their id. An id tells when its event occurred to within 48 hours and the 66
-- seconds that the collector's arithmetic leaves; where it does not, the event is marked and has an index.
do $$
declare
  view text;
  face text;
begin
  foreach view in array array['all_events', 'events', 'pages', 'vitals', 'conversions', 'features',
    'revenue'] loop
    face := format('nunchi_data.%s_between(project uuid, since timestamptz, until timestamptz)', view);
    -- A body of this form names what it uses once and for all, and the planner sees through it. The project is
    -- given as an array because a constant would keep the joins that resolve people where nobody asks for them.
    execute format('create or replace function %s returns setof nunchi_data.%I language sql stable begin atomic
      select v.* from nunchi_data.%2$I v
      where v.project_id = any (array[project]) and v.occurred_at >= since and v.occurred_at < until and not v.clock_suspect
        and v.id >= nunchi.uuid_floor(greatest(since - interval ''48 hours'', timestamptz ''1970-01-01 00:00+00''))
        and v.id < nunchi.uuid_floor(least(until + interval ''48 hours 66 seconds'', timestamptz ''9999-12-31 00:00+00''))
      union all
      select v.* from nunchi_data.%2$I v
      where v.project_id = any (array[project]) and v.occurred_at >= since and v.occurred_at < until and v.clock_suspect; end',
      face, view);
    execute format('revoke execute on function %s from public', face);
    execute format('grant execute on function %s to nunchi_reader', face);
    execute format('comment on function %s is %L', face, format(
      'The rows of %s of one project that occurred from since until before until. Quick: other months are not opened.',
      view));
  end loop;
end
$$;
