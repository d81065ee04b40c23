-- { projectId, environment, experiment, revision? } → null where no config ever had that experiment, else { revision,
-- definition, status, endedAt, revisions, asOf, now, firstAt, lastAt, variants: [{ variant, units, multiple }], failures,
-- metrics: [{ key, definition }] }: all that results need besides the summaries. Without a revision it is the newest.
-- `definition` is null where no config had that revision, `asOf` where nothing waits to be counted. Times in ms. Run by the
-- owner, and for keys by results_frame_by_key().
create or replace function nunchi.results_frame(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  kept constant boolean := nunchi.result_current((args ->> 'projectId')::uuid, args ->> 'environment', 4000);
  result jsonb;
begin
  with asked as materialized (
    select (args ->> 'projectId')::uuid as project, args ->> 'environment' as env, args ->> 'experiment' as key
  ), published as materialized (
    select c.number, c.definition -> 'experiments' -> a.key as said
    from asked a join nunchi.config_versions c on c.project_id = a.project and c.environment = a.env
    where c.definition -> 'experiments' ? a.key
  ), which as materialized (
    select coalesce((args ->> 'revision')::integer,
      (select (p.said ->> 'revision')::integer from published p order by p.number desc limit 1)) as revision
  ), tracked as materialized (
    select t.id from asked a cross join which w join nunchi.result_trackers t on t.project_id = a.project
      and t.environment = a.env and t.experiment = a.key and t.revision = w.revision and t.built is null
    where kept
  ), seen as materialized (
    select t.variant, count(*) filter (where not t.multiple) as units, count(*) filter (where t.multiple) as multiple,
      min(t.assigned_at) as first, max(t.assigned_at) as last
    from asked a cross join which w
    join nunchi.experiment_assignments t on t.project_id = a.project and t.environment = a.env
      and t.experiment = a.key and t.revision = w.revision
    where not exists (select from tracked)
    group by 1
    union all
    select s.variant, sum(s.units)::bigint, sum(s.multiple)::bigint,
      (select min(u.assigned_at) from nunchi.result_units u where u.tracker = t.id),
      (select max(u.assigned_at) from nunchi.result_units u where u.tracker = t.id)
    from tracked t join nunchi.result_sums s on s.tracker = t.id and s.metric = 0
    group by t.id, 1 having sum(s.units + s.multiple) > 0
  )
  select jsonb_build_object('revision', w.revision,
    'definition', (select p.said from published p where (p.said ->> 'revision')::integer = w.revision
      order by p.number desc limit 1),
    'revisions', (select jsonb_agg(distinct (p.said -> 'revision')) from published p),
    'status', (select e.status from nunchi.experiments e
      where e.project_id = a.project and e.environment = a.env and e.key = a.key),
    'endedAt', (select floor(extract(epoch from e.ended_at) * 1000) from nunchi.experiments e
      where e.project_id = a.project and e.environment = a.env and e.key = a.key),
    'asOf', case when kept then nunchi.result_as_of(a.project, a.env) end,
    'now', floor(extract(epoch from clock_timestamp()) * 1000),
    'firstAt', (select floor(extract(epoch from min(s.first)) * 1000) from seen s),
    'lastAt', (select floor(extract(epoch from max(s.last)) * 1000) from seen s),
    'variants', (select coalesce(jsonb_agg(jsonb_build_object('variant', s.variant, 'units', s.units,
      'multiple', s.multiple) order by s.variant collate "C"), '[]') from seen s),
    'failures', (select coalesce(jsonb_object_agg(f.fault, f.events), '{}') from (
      select split_part(r.name, ':', 1) as fault, sum(r.events) as events from nunchi.rollup_days r
      where r.project_id = a.project and r.environment = a.env and r.kind = 'experiment_failure'
        and (strpos(r.name, ':') = 0 or substr(r.name, strpos(r.name, ':') + 1) = a.key)
        and r.day >= date(coalesce((select min(s.first) from seen s), clock_timestamp())) - 1
      group by 1) f),
    'metrics', nunchi.list_metrics(jsonb_build_object('projectId', a.project)))
  into result
  from asked a cross join which w
  where exists (select from published);
  return result;
end
$$;
revoke execute on function nunchi.results_frame(jsonb) from public;
