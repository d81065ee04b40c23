-- { projectId, environment, generation, rows: [{ id, others: [[other, score, reasons]] }], done?: detail } → { written }: what
-- the job found, person by person, in place of what was found before; with `done` (what is told of the run) the older rows
-- of everybody else go, too. Who took consent back meanwhile is left out. Run by the job.
create or replace function nunchi.write_matches(args jsonb) returns jsonb
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  born constant bigint := args ->> 'generation';
  written bigint;
begin
  if born is null or env is null then
    raise invalid_parameter_value using message = 'write_matches() needs an environment and a generation.';
  end if;
  -- Two runs at once: the later one holds.
  perform pg_advisory_xact_lock(hashtext('nunchi.match'), hashtext(project || env));
  if exists (select from nunchi.match_runs r where r.project_id = project and r.environment = env and r.generation > born) then
    return jsonb_build_object('written', 0);
  end if;
  delete from nunchi.match_candidates c using jsonb_array_elements(args -> 'rows') r
  where c.project_id = project and c.environment = env and c.user_id = r ->> 'id' and c.generation <= born;
  insert into nunchi.match_candidates (project_id, environment, user_id, other_id, score, reasons, generation)
  select project, env, r.row ->> 'id', o.pair ->> 0, least(greatest((o.pair ->> 1)::real, 0), 1), o.pair -> 2, born
  from jsonb_array_elements(args -> 'rows') r (row)
  cross join lateral (select p.pair from jsonb_array_elements(r.row -> 'others') p (pair) limit 200) o
  where exists (select from nunchi.match_consents c where c.project_id = project and c.environment = env
      and c.user_id = r.row ->> 'id' and c.given)
    and exists (select from nunchi.match_consents c where c.project_id = project and c.environment = env
      and c.user_id = o.pair ->> 0 and c.given)
  order by 3, 4
  on conflict do nothing;
  get diagnostics written = row_count;
  if args ? 'done' then
    delete from nunchi.match_candidates c where c.project_id = project and c.environment = env and c.generation < born;
    insert into nunchi.match_runs as r (project_id, environment, generation, detail) values (project, env, born, args -> 'done')
    on conflict (project_id, environment) do update
    set generation = excluded.generation, detail = excluded.detail, finished_at = clock_timestamp();
  end if;
  return jsonb_build_object('written', written);
end
$$;
revoke execute on function nunchi.write_matches(jsonb) from public;
grant execute on function nunchi.write_matches(jsonb) to nunchi_app;
