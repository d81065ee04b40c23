-- Adds up the next `size` units of a project's revision that is not built yet, once all facts that it needs are there;
-- answers whether there was one. Part of prepare_results().
create or replace function nunchi.result_build(project uuid, size integer) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  tracked nunchi.result_trackers;
  page nunchi.experiment_assignments[];
begin
  select t.* into tracked from nunchi.result_trackers t
  where t.project_id = project and t.built is not null and not exists (
    select from nunchi.result_metrics r join nunchi.metric_parts p on p.id = any (r.parts)
    where r.tracker = t.id and p.filled_from > coalesce(t.first_at, clock_timestamp())
      - make_interval(secs => coalesce((r.plan ->> 'beforeMs')::float8, 0) / 1000))
  order by t.id limit 1;
  if not found then
    return false;
  end if;
  select array_agg(a order by a.unit) into page
  from (select x.* from nunchi.experiment_assignments x
    where x.project_id = project and x.environment = tracked.environment and x.experiment = tracked.experiment
      and x.revision = tracked.revision and x.unit > tracked.built
    order by x.unit limit size) a;
  if page is null then
    update nunchi.result_trackers t set built = null where t.id = tracked.id;
    update nunchi.result_metrics r set ready = true where r.tracker = tracked.id;
    return true;
  end if;
  perform nunchi.result_refresh(tracked, nunchi.result_exposed(tracked,
    array(select unnest(array[p.anonymous_id, p.user_id]) from unnest(page) p), array(select p.unit from unnest(page) p)),
    clock_timestamp());
  update nunchi.result_trackers t set built = page[cardinality(page)].unit where t.id = tracked.id;
  return true;
end
$$;
revoke execute on function nunchi.result_build(uuid, integer) from public;
