-- Why namespaces or holdouts keep a unit out: `namespace`, `holdout`; empty where they do not, null where unknown.
create or replace function nunchi.in_namespaces(namespaces jsonb, attributes jsonb, hashed text) returns text
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  space jsonb;
  unit text;
  place int;
  holdout boolean;
begin
  for space in select * from jsonb_array_elements(namespaces) loop
    if space - '{name,ranges,hashVersion,attribute,seed,holdout}'::text[] <> '{}' then return null; end if;
    unit := case when space ? 'attribute' then nunchi.unit_of(attributes, space ->> 'attribute') else hashed end;
    holdout := coalesce((space ->> 'holdout')::boolean, false);
    if unit is null then return null; end if;
    if unit = '' then
      if not holdout then return 'namespace'; end if;
      continue;
    end if;
    place := nunchi.in_ranges(
      nunchi.bucket(
        coalesce((space ->> 'hashVersion')::int, 3), coalesce(space ->> 'seed', '__' || (space ->> 'name')), unit
      ),
      space -> 'ranges'
    );
    if place is null then return null; end if;
    if place < 0 then return case when holdout then 'holdout' else 'namespace' end; end if;
  end loop;
  return '';
end
$$;
revoke execute on function nunchi.in_namespaces(jsonb, jsonb, text) from public;
