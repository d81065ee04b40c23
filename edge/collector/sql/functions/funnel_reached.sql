-- How many steps of a funnel were done in order, of what was done in the order of time; one event that is several steps
-- stands there as the later step first, so that it is one of them only. Part of summarize().
create or replace function nunchi.funnel_reached(steps integer[]) returns integer
language plpgsql immutable parallel safe set search_path = '' as $$
declare
  step integer;
  reached integer := 0;
begin
  foreach step in array coalesce(steps, '{}') loop
    if step = reached + 1 then
      reached := step;
    end if;
  end loop;
  return reached;
end
$$;
revoke execute on function nunchi.funnel_reached(integer[]) from public;
