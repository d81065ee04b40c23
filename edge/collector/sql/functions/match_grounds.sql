-- {} → [{ projectId, environment, people, changedAt, generation, tookMs, restedMs }]: where people are to be matched;
-- `changedAt` is when anything that matters changed last, `generation` when the last run began to read, both in ms; then how
-- long that run took, and how long ago it ended. Run by the job.
create or replace function nunchi.match_grounds(args jsonb) returns jsonb
language sql stable security definer set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', g.project_id, 'environment', g.environment, 'people', g.people,
    'changedAt', floor(extract(epoch from greatest(g.at,
      (select max(d.at) from nunchi.match_decisions d where d.project_id = g.project_id and d.environment = g.environment),
      (select max(i.updated_at) from nunchi.items i where i.project_id = g.project_id and i.environment = g.environment
        and i.type = 'person'))) * 1000)::bigint,
    'generation', r.generation, 'tookMs', r.detail -> 'tookMs',
    'restedMs', floor(extract(epoch from clock_timestamp() - r.finished_at) * 1000)) order by g.project_id, g.environment), '[]')
  from (select c.project_id, c.environment, count(*) filter (where c.given) as people, max(c.at) as at
    from nunchi.match_consents c group by 1, 2) g
  left join nunchi.match_runs r on r.project_id = g.project_id and r.environment = g.environment
$$;
revoke execute on function nunchi.match_grounds(jsonb) from public;
grant execute on function nunchi.match_grounds(jsonb) to nunchi_app;
