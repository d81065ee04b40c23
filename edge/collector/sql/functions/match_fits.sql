-- Whether each of two people is what the other looks for: `wants`, a condition about attributes and tags as flags have
-- them, of those that SQL decides exactly. One that it cannot decide, or that is no condition, fits nobody. Part of match().
create or replace function nunchi.match_fits(one nunchi.items, other nunchi.items) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  if one.attributes -> 'wants' is null and other.attributes -> 'wants' is null then
    return true;
  end if;
  return (one.attributes -> 'wants' is null or nunchi.matches_condition(one.attributes -> 'wants',
      (other.attributes - 'wants') || jsonb_build_object('id', other.id, 'tags', to_jsonb(other.tags))) is true)
    and (other.attributes -> 'wants' is null or nunchi.matches_condition(other.attributes -> 'wants',
      (one.attributes - 'wants') || jsonb_build_object('id', one.id, 'tags', to_jsonb(one.tags))) is true);
exception
  -- One person's broken profile must not keep all others from their lists.
  when data_exception then return false;
end
$$;
revoke execute on function nunchi.match_fits(nunchi.items, nunchi.items) from public;
