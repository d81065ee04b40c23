-- Sufficient statistics of one metric for a revision of an experiment. { projectId, environment, experiment, revision,
-- plan, until?, dimension?, trait?, series? } → { variants: [{ variant, units, multiple, sums, means, covariance, order? }],
-- faults: { events, example, byVariant? }, prepared, by?, days? }, or { error: 'dimension_unknown' | 'series_unknown' }.
-- `plan` is what metricPlan() makes of a definition: { kind, parts, fromMs, windowMs, beforeMs, cap, quantile }; `until`
-- in ms is where counting ends. The vector of `means` and `covariance` is [value, denominator, value before, denominator
-- before] per unit, `sums` its totals, exact, as text; `before` are the `beforeMs` before the first exposure. Units that
-- saw several variants are counted in `multiple`, and nowhere else. `order` is what a quantile's estimate needs: its
-- neighbours by rank. Of a stored metric the answer comes from the sums that prepare_results() keeps (`prepared`), else
-- from raw events; where more changed than a question takes in, `asOf` in ms is up to when these tell all. `by` (of a
-- dimension: country, deviceClass, browser, os, trait) is [{ value, other?, variants, faults }],
-- `days` (series: 'day') [{ day, variants }] as it stood at the end of each; null where nothing is kept. Run by the
-- owner, and for keys by summarize_by_key().
create or replace function nunchi.summarize(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  project constant uuid := args ->> 'projectId';
  env constant text := args ->> 'environment';
  dimension constant text := args ->> 'dimension';
  result jsonb;
  as_of bigint;
begin
  if dimension is not null and dimension not in ('country', 'deviceClass', 'browser', 'os')
    and (dimension <> 'trait' or coalesce(args ->> 'trait', '') = '')
  then
    return jsonb_build_object('error', 'dimension_unknown');
  elsif args ->> 'series' <> 'day' then
    return jsonb_build_object('error', 'series_unknown');
  end if;
  if nunchi.result_current(project, env, 4000) then
    result := nunchi.summarize_kept(args);
    as_of := nunchi.result_as_of(project, env);
    if result is not null and as_of is not null then
      result := result || jsonb_build_object('asOf', as_of);
    end if;
  end if;
  if result is null then
    result := nunchi.summarize_raw(args) || jsonb_build_object('prepared', false)
      || case when dimension is null then '{}' else '{"by": null}'::jsonb end
      || case when args ->> 'series' is null then '{}' else '{"days": null}'::jsonb end;
  end if;
  return result;
end
$$;
revoke execute on function nunchi.summarize(jsonb) from public;
