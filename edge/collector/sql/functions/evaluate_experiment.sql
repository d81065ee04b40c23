-- Which variant of an experiment attributes give, as in the browser, bit for bit; `{"unsupported": …}` where SQL may not say.
create or replace function nunchi.evaluate_experiment(args jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off as $$
declare
  -- args: key, experiment, attributes (well-formed text), now (ms, default the clock's), targeting (false: as passed).
  key constant text := args ->> 'key';
  attributes constant jsonb := args -> 'attributes';
  experiment jsonb := args -> 'experiment';
  version int;
  hashed text;
  unit text;
  reason text;
  place int := -1;
  bucket int;
  assigned boolean := false;
  answer boolean;
  control int;
  clock constant bigint := coalesce((args ->> 'now')::bigint, floor(extract(epoch from now()) * 1000)::bigint);
begin
  if args -> 'targeting' = 'false' then
    experiment := experiment - '{condition,prerequisites,schedule,urls}'::text[];
  end if;
  hashed := coalesce(experiment ->> 'attribute', 'anonymousId');
  version := coalesce((experiment ->> 'hashVersion')::int, 3);
  if version not in (1, 2, 3) then return jsonb_build_object('unsupported', 'hashVersion'); end if;
  reason := nunchi.experiment_unsupported(experiment);
  if reason is not null then return jsonb_build_object('unsupported', reason); end if;

  unit := nunchi.unit_of(attributes, hashed);
  if unit = '' and experiment ? 'fallback' then
    unit := nunchi.unit_of(attributes, experiment ->> 'fallback');
    if unit <> '' then hashed := experiment ->> 'fallback'; end if;
  end if;
  if unit is null then return jsonb_build_object('unsupported', hashed); end if;

  if experiment ->> 'status' <> 'running' then
    reason := experiment ->> 'status';
    if reason = 'completed' and experiment ? 'winner' then
      reason := 'winner';
      place := nunchi.variant_position(experiment, experiment ->> 'winner');
    end if;
  elsif unit = '' then
    reason := 'no_unit';
  elsif experiment -> 'forced' ? unit then
    reason := 'forced';
    place := nunchi.variant_position(experiment, experiment -> 'forced' ->> unit);
  else
    reason := nunchi.in_namespaces(coalesce(experiment -> 'namespaces', '[]'), attributes, unit);
    if reason is null then return jsonb_build_object('unsupported', 'namespaces'); end if;
    if experiment ? 'condition' then
      answer := nunchi.matches_condition(experiment -> 'condition', attributes);
      if answer is null then return jsonb_build_object('unsupported', 'condition'); end if;
      if reason = '' and not answer then reason := 'condition'; end if;
    end if;
    if reason = '' and experiment ? 'schedule' and not (
      clock >= coalesce((experiment -> 'schedule' ->> 'start')::bigint, 0)
      and clock < coalesce((experiment -> 'schedule' ->> 'end')::bigint, 9223372036854775807)
    ) then
      reason := 'schedule';
    end if;
    if reason = '' then
      bucket := nunchi.bucket(version, coalesce(experiment ->> 'seed', key), unit);
      place := nunchi.choose_variant(experiment, bucket);
      if place < 0 or place >= jsonb_array_length(experiment -> 'variants') then
        reason := 'coverage';
        place := -1;
      elsif experiment ? 'force' then
        reason := 'forced';
        bucket := null;
        place := nunchi.variant_position(experiment, experiment ->> 'force');
      else
        reason := 'split';
        assigned := true;
      end if;
    end if;
  end if;

  control := nunchi.control_position(experiment);
  return jsonb_build_object(
    'experiment', key, 'variant', experiment -> 'variants' -> (case when place < 0 then control else place end) ->> 'key',
    'index', case when place < 0 then control else place end, 'inExperiment', place >= 0, 'assigned', assigned,
    'reason', reason, 'revision', experiment -> 'revision', 'attribute', hashed, 'unit', unit, 'bucket', bucket
  );
end
$$;
revoke execute on function nunchi.evaluate_experiment(jsonb) from public;
