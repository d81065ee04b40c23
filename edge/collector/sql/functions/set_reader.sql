-- { role, projectId, granted, actor? } → { exists, member, superuser, bypassRls, changed }: lets a login role
-- read a project through the views of nunchi_data, or (granted false) no longer. It says how the role stands;
-- making the login and `grant nunchi_reader to` it are for the administrator of the server.
create or replace function nunchi.set_reader(args jsonb) returns jsonb
language plpgsql set search_path = '' set jit = off as $$
declare
  reader constant name := args ->> 'role';
  project constant uuid := args ->> 'projectId';
  granted constant boolean := coalesce((args ->> 'granted')::boolean, true);
  changed integer;
begin
  if coalesce(args ->> 'role', '') = '' or octet_length(args ->> 'role') > 63
    or reader in ('nunchi_owner', 'nunchi_app', 'nunchi_member', 'nunchi_reader', 'public') then
    raise invalid_parameter_value using message = format(
      '%L cannot be a reader; name a login role of its own, such as metabase.', args ->> 'role');
  end if;
  if granted then
    insert into nunchi.reader_grants (role_name, project_id) values (reader, project) on conflict do nothing;
  else
    delete from nunchi.reader_grants g where g.role_name = reader and g.project_id = project;
  end if;
  get diagnostics changed = row_count;
  if changed > 0 then
    perform nunchi.audit(project, args ->> 'actor', case when granted then 'reader.add' else 'reader.remove' end,
      reader, null, null);
  end if;
  return jsonb_build_object('changed', changed > 0) || coalesce((
    select jsonb_build_object('exists', true, 'member', pg_has_role(r.oid, 'nunchi_reader', 'member'),
      'superuser', r.rolsuper, 'bypassRls', r.rolbypassrls)
    from pg_catalog.pg_roles r where r.rolname = reader
  ), jsonb_build_object('exists', false, 'member', false, 'superuser', false, 'bypassRls', false));
end
$$;
revoke execute on function nunchi.set_reader(jsonb) from public;
