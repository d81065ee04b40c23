-- The events of a project that occurred in a span and whose effects are written, straight from the table, with what
-- recount() needs of them. It shares no code with process(): what one of them gets wrong, the other shows.
create or replace function nunchi.raw_events(project uuid, since timestamptz, until timestamptz)
returns table (id uuid, environment text, type text, name text, occurred_at timestamptz, day date, minute timestamptz,
  anonymous_id text, user_id text, session_id text, group_id text, previous_id text, counted boolean, page_url text,
  page_referrer text, properties jsonb, context jsonb, conversion text, feature text, currency text, amount numeric)
language plpgsql stable set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  return query
  with waiting as materialized (
    select u.id from nunchi.event_processing_queue q, unnest(q.project_ids, q.event_ids) u (project_id, id)
    where q.processing_status <> 'done' and u.project_id = project
  )
  select e.id, e.environment, e.type, e.name, e.occurred_at, local.day, to_timestamp(60 * floor(
      extract(epoch from e.occurred_at) / 60)), e.anonymous_id, e.user_id, e.session_id, e.group_id, e.previous_id,
    not (e.bot or e.internal or (e.sdk = 'nunchi-cli' and e.name = 'nunchi verify')), e.page_url, e.page_referrer,
    e.properties, e.context, goal.conversion, goal.feature, goal.currency, goal.amount
  from nunchi.projects p
  join nunchi.analytics_events e on e.project_id = p.id
  cross join lateral (select date(timezone(p.timezone, e.occurred_at)) as day) local
  left join lateral (
    select
      left(coalesce(
        case when pg_catalog.jsonb_typeof(e.properties -> 'conversion') = 'string'
          then nullif(e.properties ->> 'conversion', '') end,
        case when e.properties @> '{"conversion": true}' then e.name end,
        case when e.name = any ('{Order Completed,Signed Up,Subscription Started}')
          and coalesce(jsonb_typeof(e.properties -> 'conversion'), '') not in ('string', 'boolean') then e.name end),
        200) as conversion,
      left(coalesce((select f #>> '{}' from jsonb_path_query(e.properties, '$.feature') f
          where jsonb_typeof(f) = 'string' and f <> '""'),
        case when e.name = any ('{prompt_usage,tool_interactions,workflow_completions}') then e.name end),
        200) as feature,
      round(money.value, 6) as amount,
      case when money.value is null then null
        when length(e.properties ->> 'currency') > 0 and e.properties ->> 'currency' !~ '^[a-zA-Z]{3}$' then 'XXX'
        else coalesce(nullif(upper((e.properties ->> 'currency') collate "C"), ''), 'USD') end as currency
    from (select 1) once
    left join lateral (
      select r::numeric as value from (select btrim(e.properties ->> 'revenue', E' \t\n\r\v\f') as r,
        jsonb_typeof(e.properties -> 'revenue') as t offset 0) x
      where case when t = 'number' or t = 'string' and r ~ '^[+-]?[0-9]{1,15}(\.[0-9]{1,20})?$'
        then abs(r::numeric) < 1e15 else false end) money on true
  ) goal on e.type = 'track'
  where p.id = project and e.occurred_at >= since and e.occurred_at < until
    and (e.clock_suspect
      or e.id >= nunchi.uuid_floor(greatest(since - interval '48 hours', 'epoch'))
      and e.id < nunchi.uuid_floor(until + interval '49 hours'))
    and e.id not in (select w.id from waiting w);
end
$$;
revoke execute on function nunchi.raw_events(uuid, timestamptz, timestamptz) from public;
