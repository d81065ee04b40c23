-- As summarize(), from the kept sums; null where they are not whole, of a metric that is not kept, and for an end of
-- counting that is not the experiment's. Part of summarize(), which has brought them up to date.
create or replace function nunchi.summarize_kept(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  tracked nunchi.result_trackers;
  metric nunchi.result_metrics;
  ends timestamptz;
  result jsonb;
begin
  select t.* into tracked from nunchi.result_trackers t
  where t.project_id = (args ->> 'projectId')::uuid and t.environment = args ->> 'environment'
    and t.experiment = args ->> 'experiment' and t.revision = (args ->> 'revision')::integer and t.built is null
    and t.until is not distinct from to_timestamp((args ->> 'until')::bigint / 1000.0);
  select m.* into metric from nunchi.result_metrics m where m.tracker = tracked.id and m.plan = args -> 'plan' and m.ready
    -- Where an exposure came that was earlier than all others, past events may be missing.
    and not exists (select from nunchi.metric_parts p where p.id = any (m.parts) and p.filled_from > tracked.first_at
      - make_interval(secs => coalesce((m.plan ->> 'beforeMs')::float8, 0) / 1000));
  if metric.id is null then
    return null;
  end if;
  ends := least(clock_timestamp(), tracked.until);

  select jsonb_build_object('prepared', true,
    'variants', coalesce(jsonb_agg(nunchi.result_variant(s.variant, s.units, s.multiple, s.sums, o.around)
      order by s.variant collate "C"), '[]'),
    'faults', jsonb_build_object('events', coalesce(sum(s.faults), 0), 'example', (select min(f.fault)
      from nunchi.result_units r cross join lateral unnest(r.moments) f
      where r.tracker = tracked.id and r.faults > 0 and f.metric = metric.id)) || case when sum(s.faults) > 0
      then jsonb_build_object('byVariant', jsonb_object_agg(s.variant, s.faults) filter (where s.faults > 0)) else '{}' end)
  into result
  from nunchi.result_sums_of(tracked, metric, false, ends) s
  left join (select u.variant, u.around from nunchi.result_units_of(tracked, metric, null, null, ends) u
    where metric.plan ->> 'kind' = 'quantile') o on o.variant = s.variant;

  if args ->> 'dimension' is not null then
    result := result || jsonb_build_object('by', (select coalesce(jsonb_agg(jsonb_build_object('value', g.value,
        'variants', g.variants, 'faults', g.faults) || case when g.other then '{"other": true}'::jsonb else '{}' end
        order by g.place), '[]')
      from (select u.place, min(u.value) as value, bool_or(u.other) as other,
          jsonb_agg(nunchi.result_variant(u.variant, u.units, u.multiple, u.sums, u.around) order by u.variant collate "C") as variants,
          jsonb_build_object('events', sum(u.faults), 'example', min(u.fault)) || case when sum(u.faults) > 0
            then jsonb_build_object('byVariant', jsonb_object_agg(u.variant, u.faults) filter (where u.faults > 0))
            else '{}' end as faults
        from nunchi.result_units_of(tracked, metric, args ->> 'dimension', args ->> 'trait', ends) u group by 1) g));
  end if;
  if args ->> 'series' = 'day' then
    result := result || jsonb_build_object('days', case when metric.plan ->> 'kind' <> 'quantile' then (
      select coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'variants', d.variants) order by d.day), '[]')
      from (select s.day, jsonb_agg(nunchi.result_variant(s.variant, s.units, s.multiple, s.sums, null)
          order by s.variant collate "C") as variants
        from nunchi.result_sums_of(tracked, metric, true, ends) s group by 1) d) end);
  end if;
  return result;
end
$$;
revoke execute on function nunchi.summarize_kept(jsonb) from public;
