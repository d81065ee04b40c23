-- Reads one span of past events for one part of a project's metrics into metric_facts, the newest span first, as far
-- back as the experiments that need it reach; or takes away facts that no metric needs. Answers whether it did
-- something. Part of prepare_results().
create or replace function nunchi.result_fill(project uuid, span interval) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  one record;
  since timestamptz;
  gone integer;
begin
  select p.*, n.needed into one
  from nunchi.metric_parts p
  cross join lateral (
    select min(coalesce(t.first_at, clock_timestamp()) - make_interval(secs => coalesce((r.plan ->> 'beforeMs')::float8, 0) / 1000))
      as needed
    from nunchi.result_metrics r join nunchi.result_trackers t on t.id = r.tracker
    where r.project_id = project and p.id = any (r.parts)) n
  where p.project_id = project and p.wanted and (p.filled_from = 'infinity' or p.filled_from > n.needed)
  order by p.id limit 1;
  if not found then
    select p.* into one from nunchi.metric_parts p where p.project_id = project and not p.wanted limit 1;
    if not found then
      return false;
    end if;
    delete from nunchi.metric_facts f where f.ctid = any (array(
      select g.ctid from nunchi.metric_facts g where g.project_id = project and g.part = one.id limit 50000));
    get diagnostics gone = row_count;
    if gone = 0 then
      delete from nunchi.metric_parts p where p.id = one.id;
    end if;
    return true;
  end if;
  since := case when one.filled_from = 'infinity' then clock_timestamp() else one.filled_from end - span;
  -- Two days more: an exposure that comes late may be the first.
  if since <= one.needed then
    since := least(since, one.needed - interval '2 days');
  end if;
  with kept as (
    insert into nunchi.metric_facts (project_id, part, event_id, occurred_at, anonymous_id, user_id, amount, fault)
    select project, one.id, e.event_id, e.occurred_at, e.anonymous_id, e.user_id, e.amount, e.fault
    from nunchi.metric_events(project, one.environment, one.part, since,
      case when one.filled_from = 'infinity' then '9999-12-01' else one.filled_from end) e
    where e.amount is not null or e.fault is not null
    order by e.anonymous_id, e.event_id
    on conflict do nothing
    returning anonymous_id, user_id, occurred_at)
  -- All units are built when this is done; only what is yet to come would be forgotten.
  insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, who, due)
  select project, one.environment, k.anonymous_id, k.user_id, false, k.occurred_at
  from kept k where k.occurred_at > clock_timestamp();
  update nunchi.metric_parts p set filled_from = since where p.id = one.id;
  -- What was added up without these is added up again.
  update nunchi.result_metrics r set ready = false where r.project_id = project and one.id = any (r.parts);
  update nunchi.result_trackers t set built = '' where t.built is distinct from '' and exists (
    select from nunchi.result_metrics r where r.tracker = t.id and one.id = any (r.parts));
  return true;
end
$$;
revoke execute on function nunchi.result_fill(uuid, interval) from public;
