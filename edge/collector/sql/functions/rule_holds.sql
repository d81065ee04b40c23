-- Whether a rule of the settings is about a list and a type. Part of recommend().
create or replace function nunchi.rule_holds(rule jsonb, list text, type text) returns boolean
language sql immutable set search_path = '' as $$
  select (not rule ? 'lists' or rule -> 'lists' ? list) and (not rule ? 'types' or rule -> 'types' ? type)
$$;
revoke execute on function nunchi.rule_holds(jsonb, text, text) from public;
