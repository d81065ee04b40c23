-- Takes items out of a catalog; answers { deleted }. Part of delete_items() and delete_items_of(). The rows stay, so
-- that what happened with them keeps its title; put_items() brings one back. Of a person nothing is kept, and they stand in
-- nobody's list any more.
create or replace function nunchi.remove_items(project uuid, env text, ids jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  gone text[];
  people text[];
begin
  if jsonb_typeof(ids) is distinct from 'array' or jsonb_array_length(ids) > 1000 then
    raise invalid_parameter_value using message = 'ids must be a list of at most 1,000.';
  end if;
  perform pg_advisory_xact_lock(hashtext('nunchi.put_items'), hashtext(project::text || env));
  with left_us as (
    delete from nunchi.items i where i.project_id = project and i.environment = env and i.type = 'person'
      and i.id = any (array(select jsonb_array_elements_text(ids)))
    returning i.id
  )
  select coalesce(array_agg(l.id), '{}') into people from left_us l;
  delete from nunchi.match_candidates c where c.project_id = project and c.environment = env
    and (c.user_id = any (people) or c.other_id = any (people));
  with deleted as (
    update nunchi.items i set deleted_at = clock_timestamp(), updated_at = clock_timestamp()
    where i.project_id = project and i.environment = env and i.deleted_at is null
      and i.id = any (array(select jsonb_array_elements_text(ids)))
    returning i.id
  )
  select coalesce(array_agg(d.id), '{}') into gone from deleted d;
  perform nunchi.items_changed(project, env, gone);
  return jsonb_build_object('deleted', cardinality(gone) + cardinality(people));
end
$$;
revoke execute on function nunchi.remove_items(uuid, text, jsonb) from public;
