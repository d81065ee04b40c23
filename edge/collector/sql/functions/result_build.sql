-- Lists the next `size` exposures of a project's revision that is not built yet, or adds up its next `size` units once all
-- are listed, so that none is added up twice; answers whether there was one. It waits for the facts that the revision needs.
-- Part of prepare_results().
create or replace function nunchi.result_build(project uuid, size integer) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  tracked nunchi.result_trackers;
  page text[];
  last text;
begin
  select t.* into tracked from nunchi.result_trackers t
  where t.project_id = project and t.built is not null and not exists (
    select from nunchi.result_metrics r join nunchi.metric_parts p on p.id = any (r.parts)
    where r.tracker = t.id and p.filled_from > coalesce(t.first_at, clock_timestamp())
      - make_interval(secs => coalesce((r.plan ->> 'beforeMs')::float8, 0) / 1000))
  order by t.id limit 1;
  if not found then
    return false;
  elsif not tracked.listed then
    last := nunchi.result_list(tracked, size);
    update nunchi.result_trackers t set built = coalesce(last, ''), listed = last is null where t.id = tracked.id;
    return true;
  end if;
  page := array(select r.unit from nunchi.result_units r where r.tracker = tracked.id and r.unit > tracked.built
    order by r.unit limit size);
  if cardinality(page) = 0 then
    update nunchi.result_trackers t set built = null where t.id = tracked.id;
    update nunchi.result_metrics r set ready = true where r.tracker = tracked.id;
    return true;
  end if;
  perform nunchi.result_refresh(tracked, page, clock_timestamp());
  update nunchi.result_trackers t set built = page[cardinality(page)] where t.id = tracked.id;
  return true;
end
$$;
revoke execute on function nunchi.result_build(uuid, integer) from public;
