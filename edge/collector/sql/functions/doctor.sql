-- {} → the facts that `nunchi doctor` judges: server, login, roles, row-level security, partitions.
-- Counts are exact but bounded (10,000).
create or replace function nunchi.doctor(args jsonb) returns jsonb
language sql stable set search_path = '' set jit = off as $$
  select jsonb_build_object(
    'serverVersion', current_setting('server_version'),
    'serverVersionNumber', current_setting('server_version_num')::integer,
    'synchronousCommit', current_setting('synchronous_commit'),
    'schemaVersion', (select max(m.version) from nunchi.schema_migrations m),
    'login', (select jsonb_build_object('name', r.rolname, 'superuser', r.rolsuper, 'bypassRls', r.rolbypassrls)
      from pg_catalog.pg_roles r where r.rolname = session_user),
    'roles', (select jsonb_object_agg(r.rolname, jsonb_build_object('login', r.rolcanlogin, 'inherit', r.rolinherit,
        'superuser', r.rolsuper, 'bypassRls', r.rolbypassrls))
      from pg_catalog.pg_roles r where r.rolname in ('nunchi_owner', 'nunchi_app', 'nunchi_member', 'nunchi_reader')),
    'appReadsTables', (select coalesce(jsonb_agg(c.relname order by c.relname), '[]')
      from pg_catalog.pg_class c
      where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p', 'v')
        and has_table_privilege('nunchi_app', c.oid, 'select, insert, update, delete')),
    'tablesWithoutForcedRls', (select coalesce(jsonb_agg(c.relname order by c.relname), '[]')
      from pg_catalog.pg_class c
      where c.relnamespace = 'nunchi'::regnamespace and c.relkind in ('r', 'p')
        and not (c.relrowsecurity and c.relforcerowsecurity)),
    'partitions', (select jsonb_build_object(
        'names', coalesce(jsonb_agg(c.relname order by c.relname) filter (where c.relname ~ '_\d{4}_\d\d$'), '[]'),
        'monthsAhead', count(*) filter (where c.relname ~ '_\d{4}_\d\d$'
          and right(c.relname, 7) > to_char(now() at time zone 'UTC', 'YYYY_MM')))
      from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'nunchi.analytics_events'::regclass),
    'defaultRows', (select count(*) from (select from nunchi.analytics_events_default limit 10000) d))
$$;
revoke execute on function nunchi.doctor(jsonb) from public;
