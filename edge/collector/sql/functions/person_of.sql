-- The person behind an event's two ids: the user, else whom the visitor first became, else the visitor; through all
-- aliases, as alias_map() follows them. To ask for many rows at once join identities and alias_map(), as usage_of() does.
create or replace function nunchi.person_of(project uuid, user_id text, anonymous_id text) returns text
language plpgsql stable set search_path = '' as $$
declare
  following text := coalesce(user_id, (select i.user_id from nunchi.identities i
    where i.project_id = project and i.anonymous_id = person_of.anonymous_id), anonymous_id);
  way text[] := '{}';
begin
  while following is not null and cardinality(way) < 97 loop
    way := way || following;
    -- Past 32 steps it matters only whether they go round in a circle.
    select a.user_id into following from nunchi.aliases a where a.project_id = project and a.previous_id = way[cardinality(way)];
  end loop;
  if cardinality(way) = 97 and (select min(c) from unnest(way[33:64]) c) = (select min(c) from unnest(way[65:96]) c) then
    return (select min(c) from unnest(way[33:64]) c);
  end if;
  return way[least(cardinality(way), 33)];
end
$$;
revoke execute on function nunchi.person_of(uuid, text, text) from public;
