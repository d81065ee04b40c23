-- {} → [{ projectId, project, environment, number, definition, refused, failures }] of the first hundred environments
-- in which something was published, refused, or assigns nobody, for `nunchi doctor`. `refused` is { at, actor,
-- mistakes } where that came after what is in force, else null; `failures` are the exposures and conversions of the
-- last seven days that assign nobody: { name: events }.
create or replace function nunchi.config_states(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('projectId', p.id, 'project', p.name, 'environment', e.environment,
    'number', coalesce(v.number, 0), 'definition', v.definition,
    'refused', (select jsonb_build_object('at', floor(extract(epoch from r.at) * 1000), 'actor', r.actor,
        'mistakes', r.mistakes)
      from nunchi.config_refusals r where r.project_id = p.id and r.environment = e.environment
        and (v.published_at is null or r.at > v.published_at)),
    'failures', (select coalesce(jsonb_object_agg(f.name, f.events), '{}') from (
      select d.name, sum(d.events) as events from nunchi.rollup_days d
      where d.project_id = p.id and d.environment = e.environment and d.kind = 'experiment_failure'
        and d.day > current_date - 7
      group by d.name order by 2 desc limit 50) f)) order by p.name, e.environment), '[]')
  from (
    select p.id as project_id, w.environment
    from nunchi.projects p cross join (values ('production'), ('staging'), ('development')) w (environment)
    where exists (select from nunchi.config_versions c where c.project_id = p.id and c.environment = w.environment)
      or exists (select from nunchi.config_refusals r where r.project_id = p.id and r.environment = w.environment)
      or exists (select from nunchi.rollup_days d where d.project_id = p.id and d.environment = w.environment
        and d.day > current_date - 7 and d.kind = 'experiment_failure')
    order by 1, 2 limit 100
  ) e
  join nunchi.projects p on p.id = e.project_id
  left join lateral (
    select c.number, c.definition, c.published_at from nunchi.config_versions c
    where c.project_id = e.project_id and c.environment = e.environment order by c.number desc limit 1
  ) v on true
$$;
revoke execute on function nunchi.config_states(jsonb) from public;
