-- Keeps what the events add to the metrics of their projects, and tells whose results change by it. Part of process();
-- what it takes of an event is what metric_events() takes.
create or replace function nunchi.process_metrics(facts nunchi.fact[]) returns void
language plpgsql set search_path = '' set enable_seqscan = off set jit = off as $$
begin
  -- Most projects judge nothing.
  if not exists (select from nunchi.metric_parts p where p.wanted
      and p.project_id = any (array(select distinct f.project_id from unnest(facts) f))) then
    return;
  end if;
  with part as materialized (
    select p.id, p.project_id, p.environment, p.part ->> 'type' as type, p.part ->> 'event' as event, p.part ->> 'adds' as adds,
      p.part ->> 'property' as property, nullif(p.part -> 'where', 'null') as wanted, p.part ->> 'conversion' as conversion,
      p.part ->> 'step' as step
    from nunchi.metric_parts p where p.wanted
      and p.project_id = any (array(select distinct f.project_id from unnest(facts) f))
  ), fact as materialized (
    select f.project_id, f.environment, f.id, f.type, f.name, f.occurred_at, f.anonymous_id, f.user_id from unnest(facts) f
    where f.counted
  ), plain as materialized (
    select p.project_id, p.id as part, f.id, f.occurred_at, f.anonymous_id, f.user_id, p.adds, p.property, p.wanted
    from fact f join part p on p.project_id = f.project_id and p.environment = f.environment
    where p.conversion is null and (p.type is null or f.type = p.type) and (p.event is null or f.name = p.event)
      and (p.event is not null or not (f.type = 'track' and f.name = 'Experiment Viewed'))
  ), added as (
    select h.project_id, h.part, h.id, h.occurred_at, h.anonymous_id, h.user_id,
      case when h.adds = 'one' then 1 when said.number is null then null when h.adds = 'value' then said.number else 1 end as amount,
      case when h.adds = 'value' and said.number is null and jsonb_typeof(e.properties -> h.property) <> 'null'
        then left(e.properties ->> h.property, 50) end as fault
    from plain h
    left join lateral (select a.properties from nunchi.analytics_events a
      where a.project_id = h.project_id and a.id = h.id and (h.adds <> 'one' or h.wanted is not null) offset 0) e on true
    cross join lateral (
      select case when abs(n.number) < 1e15 then round(n.number, 6) end as number
      from (select case when jsonb_typeof(e.properties -> h.property) = 'number'
          or jsonb_typeof(e.properties -> h.property) = 'string'
            and e.properties ->> h.property ~ '^[ \t\n\r\v\f]*[-+]?[0-9]{1,15}(\.[0-9]{1,20})?[ \t\n\r\v\f]*$'
        then (e.properties ->> h.property)::numeric end as number) n) said
    where h.wanted is null or e.properties @> h.wanted
    union all
    select p.project_id, p.id, c.event_id, c.occurred_at, c.anonymous_id, c.user_id,
      case p.adds when 'one' then 1 when 'value' then c.value else case when c.value is not null then 1 end end, null
    from fact f
    cross join lateral (select x.* from nunchi.experiment_conversions x
      where x.project_id = f.project_id and x.event_id = f.id offset 0) c
    join part p on p.project_id = f.project_id and p.environment = f.environment and p.conversion = c.metric
      and (p.step is null or p.step = c.step)
    where f.type = 'track' and f.name = 'Conversion Tracked'
  ), kept as (
    insert into nunchi.metric_facts (project_id, part, event_id, occurred_at, anonymous_id, user_id, amount, fault)
    select a.project_id, a.part, a.id, a.occurred_at, a.anonymous_id, a.user_id, a.amount, a.fault
    from added a where a.amount is not null or a.fault is not null
    order by a.project_id, a.anonymous_id, a.part, a.id
    on conflict do nothing
    returning project_id, part, occurred_at, anonymous_id, user_id
  )
  insert into nunchi.result_touches (project_id, environment, anonymous_id, user_id, who, due)
  select distinct k.project_id, p.environment, k.anonymous_id, k.user_id, false,
    case when k.occurred_at > clock_timestamp() then k.occurred_at else '-infinity' end
  from kept k join part p on p.id = k.part
  where exists (select from nunchi.result_trackers t where t.project_id = k.project_id and t.environment = p.environment);
end
$$;
revoke execute on function nunchi.process_metrics(nunchi.fact[]) from public;
