-- {} → [{ role, projectId, projectName, grantedAt, exists, member, superuser, bypassRls }], by role and
-- project: who reads what in SQL, and whether the login stands as it should.
create or replace function nunchi.list_readers(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select coalesce(jsonb_agg(jsonb_build_object('role', g.role_name, 'projectId', p.id, 'projectName', p.name,
      'grantedAt', floor(extract(epoch from g.granted_at) * 1000)::bigint, 'exists', r.oid is not null,
      'member', coalesce(pg_has_role(r.oid, 'nunchi_reader', 'member'), false),
      'superuser', coalesce(r.rolsuper, false), 'bypassRls', coalesce(r.rolbypassrls, false))
    order by g.role_name, p.name), '[]')
  from nunchi.reader_grants g
  join nunchi.projects p on p.id = g.project_id
  left join pg_catalog.pg_roles r on r.rolname = g.role_name
$$;
revoke execute on function nunchi.list_readers(jsonb) from public;
