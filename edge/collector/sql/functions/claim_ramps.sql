-- { leaseMs } → the ids of up to 20 ramps that are due, now claimed for so long: nobody else is told of them until then, and
-- whoever claimed one and was killed is followed by another. Any number of collectors may ask at once. Run by the
-- collector's worker.
create or replace function nunchi.claim_ramps(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  claimed jsonb;
begin
  with due as (
    select r.id from nunchi.ramps r where r.state = 'running' and r.next_look_at <= clock_timestamp()
    order by r.next_look_at limit 20 for update skip locked
  ), taken as (
    update nunchi.ramps r set next_look_at = clock_timestamp() + make_interval(secs => (args ->> 'leaseMs')::float8 / 1000)
    from due d where r.id = d.id returning r.id
  )
  select coalesce(jsonb_agg(t.id), '[]') into claimed from taken t;
  return claimed;
end
$$;
revoke execute on function nunchi.claim_ramps(jsonb) from public;
grant execute on function nunchi.claim_ramps(jsonb) to nunchi_app;
