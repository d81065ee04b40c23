-- Adds up these units of a tracked revision anew, each whole, from what had happened by `at`. result_sums follow by a
-- trigger. Part of result_advance() and result_build().
create or replace function nunchi.result_refresh(tracked nunchi.result_trackers, units text[], at timestamptz) returns void
language sql set search_path = '' set jit = off set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  update nunchi.result_units r set moments = f.moments, faults = f.faults
  -- By its place, so that nobody reads the table for it. Whoever changes units holds the project's lock.
  from (select m.moments, m.faults, o.place from nunchi.result_moments(tracked, units, at) m
    cross join lateral (select u.ctid as place from nunchi.result_units u where u.tracker = tracked.id and u.unit = m.unit
      and (u.moments, u.faults) is distinct from (m.moments, m.faults) offset 0) o) f
  where r.ctid = f.place
$$;
revoke execute on function nunchi.result_refresh(nunchi.result_trackers, text[], timestamptz) from public;
