-- What the events whose ids lie from `low` to `high`, and the marked ones that occurred in a span, add to these parts of a
-- project's metrics: metric_events() of several parts in one reading. An id tells when its event occurred to within 48
-- hours; where it does not the event is marked. Part of result_fill().
create or replace function nunchi.result_facts(project uuid, env text, parts integer[], low uuid, high uuid, since timestamptz,
  until timestamptz)
returns table (part integer, event_id uuid, occurred_at timestamptz, anonymous_id text, user_id text, amount numeric, fault text)
language plpgsql stable set search_path = '' set jit = off set enable_seqscan = off as $$
#variable_conflict use_column
begin
  return query
  with part as materialized (
    select p.id, p.part ->> 'type' as type, p.part ->> 'event' as event, coalesce(p.part ->> 'adds', 'one') as adds,
      p.part ->> 'property' as property, nullif(p.part -> 'where', 'null') as wanted
    from nunchi.metric_parts p where p.id = any (parts) and p.part ->> 'conversion' is null
  ), happened as (
    select e.id, e.occurred_at, e.anonymous_id, e.user_id, e.properties, e.type, e.name
    from nunchi.analytics_events e
    where e.project_id = project and not e.clock_suspect and e.id >= low and e.id < high
      and e.environment = env and not e.bot and not e.internal and not (e.sdk = 'nunchi-cli' and e.name = 'nunchi verify')
    union all
    select e.id, e.occurred_at, e.anonymous_id, e.user_id, e.properties, e.type, e.name
    from nunchi.analytics_events e
    where e.project_id = project and e.clock_suspect and e.occurred_at >= since and e.occurred_at < until
      and e.environment = env and not e.bot and not e.internal and not (e.sdk = 'nunchi-cli' and e.name = 'nunchi verify')
  ), added as (
    select p.id as part, h.id, h.occurred_at, h.anonymous_id, h.user_id,
      case when p.adds = 'one' then 1 when said.number is null then null when p.adds = 'value' then said.number else 1 end as amount,
      case when p.adds = 'value' and said.number is null and jsonb_typeof(h.properties -> p.property) <> 'null'
        then left(h.properties ->> p.property, 50) end as fault
    from happened h join part p on (p.event is null or h.name = p.event) and (p.type is null or h.type = p.type)
      and (p.event is not null or not (h.type = 'track' and h.name = 'Experiment Viewed'))
      and (p.wanted is null or h.properties @> p.wanted)
    cross join lateral (
      select case when abs(n.number) < 1e15 then round(n.number, 6) end as number
      from (select case when p.adds <> 'one' and (jsonb_typeof(h.properties -> p.property) = 'number'
          or jsonb_typeof(h.properties -> p.property) = 'string'
            and h.properties ->> p.property ~ '^[ \t\n\r\v\f]*[-+]?[0-9]{1,15}(\.[0-9]{1,20})?[ \t\n\r\v\f]*$')
        then (h.properties ->> p.property)::numeric end as number) n
      offset 0) said
  )
  select a.part, a.id, a.occurred_at, a.anonymous_id, a.user_id, a.amount, a.fault from added a
  where a.amount is not null or a.fault is not null
  union all
  select p.id, e.event_id, e.occurred_at, e.anonymous_id, e.user_id, e.amount, e.fault
  from nunchi.metric_parts p cross join lateral nunchi.metric_events(project, env, p.part, since, until) e
  where p.id = any (parts) and p.part ->> 'conversion' is not null and (e.amount is not null or e.fault is not null);
end
$$;
revoke execute on function nunchi.result_facts(uuid, text, integer[], uuid, uuid, timestamptz, timestamptz) from public;
