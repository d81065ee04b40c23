-- Adds up these units of a tracked revision anew, each whole, from what had happened by `at`. result_sums follow by a
-- trigger. Part of result_advance() and result_build().
create or replace function nunchi.result_refresh(tracked nunchi.result_trackers, units text[], at timestamptz) returns void
language sql set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  update nunchi.result_units r set moments = f.moments, faults = f.faults
  from nunchi.result_moments(tracked, units, at) f
  where r.tracker = tracked.id and r.unit = f.unit and (r.moments, r.faults) is distinct from (f.moments, f.faults)
$$;
revoke execute on function nunchi.result_refresh(nunchi.result_trackers, text[], timestamptz) from public;
