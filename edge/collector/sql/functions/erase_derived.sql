-- Deletes what every other table tells of the person. Part of erase_person(), once the events are gone.
create or replace function nunchi.erase_derived(run nunchi.erasure_runs) returns nunchi.erasure_runs
language plpgsql set search_path = '' as $$
declare
  rule record;
  gone bigint;
begin
  for rule in select * from nunchi.person_tables() p where p.name <> 'analytics_events' loop
    execute format('delete from nunchi.%I t where t.project_id = $1 and (%s)', rule.name, rule.own)
    using run.project_id, run.ids;
    get diagnostics gone = row_count;
    if rule.shared is not null then
      execute rule.shared using run.project_id, run.ids;
    end if;
    run.removed := run.removed || jsonb_build_object(rule.name, gone);
  end loop;
  return run;
end
$$;
revoke execute on function nunchi.erase_derived(nunchi.erasure_runs) from public;
