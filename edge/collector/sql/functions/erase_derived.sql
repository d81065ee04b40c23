-- Deletes what every other table tells of the person. Part of erase_person(), once the events are gone.
create or replace function nunchi.erase_derived(run nunchi.erasure_runs) returns nunchi.erasure_runs
language plpgsql set search_path = '' as $$
declare
  rule record;
  gone bigint;
  env text;
begin
  perform pg_advisory_xact_lock(hashtext('nunchi.results'), hashtext(run.project_id::text));
  for rule in select * from nunchi.person_tables() p where p.name <> 'analytics_events' loop
    if rule.name = 'result_touches' then
      -- What the deleting touched is summed up without the person.
      update nunchi.result_trackers t set built = '' where t.project_id = run.project_id and t.built = any (run.ids);
      for env in select distinct t.environment from nunchi.result_trackers t where t.project_id = run.project_id loop
        while nunchi.result_advance(run.project_id, env, 2000) > 0 loop
          null;
        end loop;
      end loop;
    end if;
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
