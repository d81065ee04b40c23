-- What of an experiment SQL does not evaluate: the name of a field, null where there is none.
create or replace function nunchi.experiment_unsupported(experiment jsonb) returns text
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  known constant text[] := '{status,revision,variants,coverage,ranges,attribute,fallback,seed,hashVersion,namespaces,condition,schedule,forced,force,winner,assignmentKey,bucketVersion,disableSticky,meta}';
  field text;
begin
  select one into field from jsonb_object_keys(experiment) as fields(one) where one <> all (known) limit 1;
  if field is not null then return field; end if;
  select one into field from jsonb_array_elements(experiment -> 'variants') as variants(variant),
    jsonb_object_keys(variant) as fields(one)
  where one <> all ('{key,weight,isControl,configuration,passthrough,meta}'::text[]) limit 1;
  if field is not null then return 'variants.' || field; end if;
  select one into field from jsonb_object_keys(coalesce(experiment -> 'schedule', '{}')) as fields(one)
  where one <> all ('{start,end}'::text[]) limit 1;
  return 'schedule.' || field;
end
$$;
revoke execute on function nunchi.experiment_unsupported(jsonb) from public;
