-- Reads one span of past events into metric_facts, for all parts of a project's metrics that have come equally far; the
-- newest span first, as far back as the experiments that need them reach. Or takes away facts that no metric needs.
-- Answers whether it did something. Part of prepare_results().
create or replace function nunchi.result_fill(project uuid, span interval) returns boolean
language plpgsql set search_path = '' set jit = off as $$
declare
  env text;
  so_far timestamptz;
  reading integer[];
  needed timestamptz;
  since timestamptz;
  unwanted integer;
  gone integer;
begin
  select p.environment, p.filled_from, array_agg(p.id), min(n.needed) into env, so_far, reading, needed
  from nunchi.metric_parts p
  cross join lateral (
    select min(coalesce(t.first_at, clock_timestamp()) - make_interval(secs => coalesce((r.plan ->> 'beforeMs')::float8, 0) / 1000))
      as needed
    from nunchi.result_metrics r join nunchi.result_trackers t on t.id = r.tracker
    where r.project_id = project and p.id = any (r.parts)) n
  where p.project_id = project and p.wanted and (p.filled_from = 'infinity' or p.filled_from > n.needed)
  group by 1, 2 order by 2 desc, 1 limit 1;
  if not found then
    select p.id into unwanted from nunchi.metric_parts p where p.project_id = project and not p.wanted limit 1;
    if not found then
      return false;
    end if;
    delete from nunchi.metric_facts f where f.ctid = any (array(
      select g.ctid from nunchi.metric_facts g where g.project_id = project and g.part = unwanted limit 50000));
    get diagnostics gone = row_count;
    if gone = 0 then
      delete from nunchi.metric_parts p where p.id = unwanted;
    end if;
    return true;
  end if;
  since := case when so_far = 'infinity' then clock_timestamp() else so_far end - span;
  -- Two days more: an exposure that comes late may be the first.
  if since <= needed then
    since := least(since, needed - interval '2 days');
  end if;
  with kept as (
    insert into nunchi.metric_facts (project_id, part, event_id, occurred_at, anonymous_id, user_id, amount, fault)
    select project, e.part, e.event_id, e.occurred_at, e.anonymous_id, e.user_id, e.amount, e.fault
    -- No event is read twice: what occurred from `since` on has an id of 48 hours before that at the earliest.
    from nunchi.result_facts(project, env, reading, nunchi.uuid_floor(greatest(since - interval '48 hours', 'epoch')),
      case when so_far = 'infinity' then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
        else nunchi.uuid_floor(greatest(so_far - interval '48 hours', 'epoch')) end,
      since, case when so_far = 'infinity' then '9999-12-01' else so_far end) e
    order by e.anonymous_id, e.part, e.event_id
    on conflict do nothing
    returning anonymous_id, user_id, occurred_at)
  -- All units are built when this is done; only what is yet to come would be forgotten.
  insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, who, due)
  select distinct project, env, k.anonymous_id, k.user_id, false, k.occurred_at
  from kept k where k.occurred_at > clock_timestamp();
  update nunchi.metric_parts p set filled_from = since where p.id = any (reading);
  -- What was added up without these is added up again.
  update nunchi.result_metrics r set ready = false where r.project_id = project and r.parts && reading;
  update nunchi.result_trackers t set built = '' where t.built is distinct from '' and exists (
    select from nunchi.result_metrics r where r.tracker = t.id and r.parts && reading);
  return true;
end
$$;
revoke execute on function nunchi.result_fill(uuid, interval) from public;
