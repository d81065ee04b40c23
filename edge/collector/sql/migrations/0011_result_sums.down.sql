-- Takes 0011 back: results are computed from raw events again. Nothing is lost; up again, the sums are made anew.
do $$
declare
  named record;
begin
  for named in select t.tgname, t.tgrelid::regclass as place from pg_catalog.pg_trigger t
    where t.tgfoid = 'nunchi.result_touched()'::regprocedure
  loop
    execute format('drop trigger %I on %s', named.tgname, named.place);
  end loop;
end
$$;
drop table nunchi.result_touches, nunchi.result_sums, nunchi.result_units, nunchi.result_metrics, nunchi.result_trackers,
  nunchi.metric_facts, nunchi.metric_parts;
drop function nunchi.result_touched(), nunchi.result_fact_touched(), nunchi.result_summed();
-- With the function that answers it.
drop type nunchi.result_moment cascade;
