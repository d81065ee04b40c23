-- The events of one part of a metric that occurred in a span, each with what it adds to its unit: 1, the number in a
-- property, or 1 where there is such a number. `fault` is a text that stands where the number should. Bots and internal
-- traffic are left out. Part of summarize(). Only the months in question are opened, and by their index: an id tells
-- when its event occurred to within 48 hours, and where it does not the event is marked and has an index of its own.
create or replace function nunchi.metric_events(project uuid, env text, part jsonb, since timestamptz, until timestamptz)
returns table (event_id uuid, occurred_at timestamptz, anonymous_id text, user_id text, amount numeric, fault text)
language plpgsql stable set search_path = '' set jit = off set enable_seqscan = off as $$
#variable_conflict use_column
declare
  adds constant text := coalesce(part ->> 'adds', 'one');
  property constant text := part ->> 'property';
  wanted constant jsonb := nullif(part -> 'where', 'null');
  low constant uuid := nunchi.uuid_floor(greatest(since - interval '48 hours', 'epoch'));
  high constant uuid := nunchi.uuid_floor(until + interval '48 hours 66 seconds');
begin
  if part ->> 'conversion' is not null then
    return query
    select c.event_id, c.occurred_at, c.anonymous_id, c.user_id,
      case adds when 'one' then 1 when 'value' then c.value else case when c.value is not null then 1 end end, null::text
    from nunchi.experiment_conversions c
    where c.project_id = project and c.environment = env and c.metric = part ->> 'conversion'
      and (part ->> 'step' is null or c.step = part ->> 'step') and c.occurred_at >= since and c.occurred_at < until;
    return;
  end if;
  return query
  with happened as (
    select e.id, e.occurred_at, e.anonymous_id, e.user_id, e.properties, e.environment, e.type, e.name, e.bot, e.internal, e.sdk
    from nunchi.analytics_events e
    where e.project_id = project and not e.clock_suspect and e.id >= low and e.id < high
      and e.occurred_at >= since and e.occurred_at < until
    union all
    select e.id, e.occurred_at, e.anonymous_id, e.user_id, e.properties, e.environment, e.type, e.name, e.bot, e.internal, e.sdk
    from nunchi.analytics_events e
    where e.project_id = project and e.clock_suspect and e.occurred_at >= since and e.occurred_at < until
  )
  select h.id, h.occurred_at, h.anonymous_id, h.user_id,
    case when adds = 'one' then 1 when said.number is null then null when adds = 'value' then said.number else 1 end,
    case when adds = 'value' and said.number is null and jsonb_typeof(h.properties -> property) <> 'null'
      then left(h.properties ->> property, 50) end
  from happened h
  cross join lateral (
    select case when abs(n.number) < 1e15 then round(n.number, 6) end as number
    from (select case when jsonb_typeof(h.properties -> property) = 'number'
        or jsonb_typeof(h.properties -> property) = 'string'
          and h.properties ->> property ~ '^[ \t\n\r\v\f]*[-+]?[0-9]{1,15}(\.[0-9]{1,20})?[ \t\n\r\v\f]*$'
      then (h.properties ->> property)::numeric end as number) n
    offset 0) said
  where h.environment = env
    and (part ->> 'type' is null or h.type = part ->> 'type') and (part ->> 'event' is null or h.name = part ->> 'event')
    and (wanted is null or h.properties @> wanted)
    and not h.bot and not h.internal and not (h.sdk = 'nunchi-cli' and h.name = 'nunchi verify')
    -- Telling which variant was shown is nothing that a visitor does.
    and (part ->> 'event' is not null or not (h.type = 'track' and h.name = 'Experiment Viewed'));
end
$$;
revoke execute on function nunchi.metric_events(uuid, text, jsonb, timestamptz, timestamptz) from public;
