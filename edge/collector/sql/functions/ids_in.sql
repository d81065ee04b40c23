-- The anonymous, user and previous ids in an event's raw JSON, which may be cut anywhere.
create or replace function nunchi.ids_in(event text) returns text[]
language plpgsql stable strict set search_path = '' as $$
declare
  found text;
  ids text[] := '{}';
begin
  for found in
    select m[2] from regexp_matches(event,
      '"(anonymousId|userId|previousId|anonymous_id|user_id|previous_id)"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9][^,}\s]*)', 'g') m
  loop
    begin
      ids := ids || (found::jsonb #>> '{}');
    exception when others then
      -- An escape that Postgres cannot hold as text cannot be an id either.
      ids := ids || found;
    end;
  end loop;
  return ids;
end
$$;
revoke execute on function nunchi.ids_in(text) from public;
