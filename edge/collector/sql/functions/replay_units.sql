-- Which variants an experiment gives units by their bucket alone, as SQL sees it: { key, experiment, attribute, units }
-- → [variant | null where the bucket gives none], or { unsupported } naming what SQL does not evaluate. `experiment`
-- comes without its targeting, which exposures have been through. Part of `nunchi replay`.
create or replace function nunchi.replay_units(args jsonb) returns jsonb
language plpgsql stable set search_path = '' set jit = off as $$
declare
  unit text;
  result jsonb;
  answer text[] := '{}';
begin
  for unit in select * from jsonb_array_elements_text(args -> 'units') loop
    result := nunchi.evaluate_experiment(jsonb_build_object('key', args -> 'key', 'experiment', args -> 'experiment',
      'attributes', jsonb_build_object(args ->> 'attribute', unit), 'targeting', false));
    if result ? 'unsupported' then
      return jsonb_build_object('unsupported', result -> 'unsupported');
    end if;
    answer := answer || case when result -> 'assigned' = 'true' and result -> 'attribute' = args -> 'attribute'
      then result ->> 'variant' end;
  end loop;
  return to_jsonb(answer);
end
$$;
revoke execute on function nunchi.replay_units(jsonb) from public;
