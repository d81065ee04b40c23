-- As summarize(), from the raw events, whatever is kept: what the kept sums must equal, and the answer where there are
-- none. Variances are Youngs and Cramer's, as Postgres has them: they cancel nowhere. Part of summarize().
create or replace function nunchi.summarize_raw(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  plan constant jsonb := args -> 'plan';
  kind constant text := plan ->> 'kind';
  starts constant interval := make_interval(secs => coalesce((plan ->> 'fromMs')::float8, 0) / 1000);
  lasts constant interval := make_interval(secs => (plan ->> 'windowMs')::float8 / 1000);
  before constant interval := make_interval(secs => coalesce((plan ->> 'beforeMs')::float8, 0) / 1000);
  cap constant numeric := plan ->> 'cap';
  ends constant timestamptz := coalesce(to_timestamp((args ->> 'until')::bigint / 1000.0), clock_timestamp());
  result jsonb;
begin
  with per_unit as materialized (
    select u.*, case when kind in ('share', 'retention') then (u.a > 0)::integer
        when u.a is not null then least(u.a, cap) end as y,
      case when kind = 'share' then (u.xa > 0)::integer when u.xa is not null then least(u.xa, cap) end as x
    from nunchi.metric_units((args ->> 'projectId')::uuid, args ->> 'environment', args ->> 'experiment',
      (args ->> 'revision')::integer, plan, starts, lasts, before, ends) u
  ), unit as (
    select p.variant, coalesce(p.y, 0)::float8 as y, coalesce(p.b, 0)::float8 as b, coalesce(p.x, 0)::float8 as x,
      coalesce(p.xb, 0)::float8 as z, coalesce(p.y, 0)::numeric as exact, coalesce(p.b, 0) as below
    from per_unit p
    where not p.multiple and (kind <> 'quantile' or p.a is not null)
      -- Who came back is known only when the day is over.
      and (kind <> 'retention' or p.assigned_at + starts + lasts <= ends)
  ), said as (
    select u.variant, jsonb_build_object('units', count(*), 'sums', jsonb_build_array(trim_scale(sum(u.exact))::text, trim_scale(sum(u.below))::text),
      'means', jsonb_build_array(avg(u.y), avg(u.b), avg(u.x), avg(u.z)),
      'covariance', jsonb_build_array(
        jsonb_build_array(var_samp(u.y), covar_samp(u.y, u.b), covar_samp(u.y, u.x), covar_samp(u.y, u.z)),
        jsonb_build_array(covar_samp(u.y, u.b), var_samp(u.b), covar_samp(u.b, u.x), covar_samp(u.b, u.z)),
        jsonb_build_array(covar_samp(u.y, u.x), covar_samp(u.b, u.x), var_samp(u.x), covar_samp(u.x, u.z)),
        jsonb_build_array(covar_samp(u.y, u.z), covar_samp(u.b, u.z), covar_samp(u.x, u.z), var_samp(u.z)))) as sums
    from unit u group by 1
  ), ranked as (
    select u.variant, u.y, row_number() over (partition by u.variant order by u.y) as rank,
      count(*) over (partition by u.variant) as n
    from unit u where kind = 'quantile'
  ), neighbours as (
    -- The order statistics at n·q ± z·√(n·q(1 − q)), z of 95 %; null where the sample does not reach so far.
    select r.variant, jsonb_build_object('low', min(r.y) filter (where r.rank = floor(r.n * q.q - q.z * sqrt(r.n * q.q * (1 - q.q)))),
      'high', min(r.y) filter (where r.rank = ceil(r.n * q.q + q.z * sqrt(r.n * q.q * (1 - q.q)))),
      'value', percentile_cont(q.q) within group (order by r.y)) as around
    from ranked r cross join (select (plan ->> 'quantile')::float8 as q, 1.959963984540054::float8 as z) q
    group by 1, q.q
  ), seen as (
    select p.variant, count(*) filter (where p.multiple) as multiple, coalesce(sum(p.faults), 0) as faults,
      min(p.fault) as fault from per_unit p group by 1
  )
  select jsonb_build_object(
    'variants', coalesce(jsonb_agg(jsonb_build_object('variant', s.variant, 'multiple', s.multiple, 'units', 0)
      || coalesce(d.sums, '{}') || case when n.around is null then '{}' else jsonb_build_object('order', n.around) end
      order by s.variant collate "C"), '[]'),
    'faults', jsonb_build_object('events', coalesce(sum(s.faults), 0), 'example', min(s.fault)) || case when sum(s.faults) > 0
      then jsonb_build_object('byVariant', jsonb_object_agg(s.variant, s.faults) filter (where s.faults > 0)) else '{}' end)
  into result
  from seen s left join said d using (variant) left join neighbours n using (variant);
  return result;
end
$$;
revoke execute on function nunchi.summarize_raw(jsonb) from public;
