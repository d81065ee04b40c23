-- The person behind an event's two ids: the user, else whom the visitor first became, else the visitor; through all
-- aliases. To ask for many rows at once join identities and alias_map(), as usage_of() does.
create or replace function nunchi.person_of(project uuid, user_id text, anonymous_id text) returns text
language plpgsql stable set search_path = '' as $$
declare
  current text := coalesce(user_id, (select i.user_id from nunchi.identities i
    where i.project_id = project and i.anonymous_id = person_of.anonymous_id), anonymous_id);
  seen text[] := '{}';
  following text;
begin
  loop
    select a.user_id into following from nunchi.aliases a where a.project_id = project and a.previous_id = current;
    -- As far as alias_map() goes.
    if not found or cardinality(seen) = 32 then
      return current;
    end if;
    if current = any (seen) then
      return (select min(c) from unnest(seen[array_position(seen, current):]) c);
    end if;
    seen := seen || current;
    current := following;
  end loop;
end
$$;
revoke execute on function nunchi.person_of(uuid, text, text) from public;
