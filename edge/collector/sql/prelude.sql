-- What must stand before the first migration: the roles, the schema, the migrations' own table.
-- Safe to run any number of times, and in several databases of one cluster at once: roles belong to the
-- whole cluster, so each step looks first and forgives whoever was faster.
do $$
declare
  attempt integer := 0;
  modern constant boolean := current_setting('server_version_num')::integer >= 160000;
  bare constant text := case when modern then ' with inherit false, set true' else '' end;
  step record;
begin
  loop
    begin
      -- nunchi_owner owns everything; nunchi_member stands for a signed-in person; nunchi_reader is what logins
      -- that ask in SQL are members of; nunchi_app is the collector's login. It must be noinherit before it
      -- becomes a member, or it would read tables itself.
      for step in
        select format('create role %I %s', role, options) as command
        from (values ('nunchi_owner', 'nologin nobypassrls'), ('nunchi_member', 'nologin nobypassrls'),
          ('nunchi_reader', 'nologin nobypassrls'), ('nunchi_app', 'login noinherit nobypassrls')) wanted (role, options)
        where not exists (select from pg_catalog.pg_roles where rolname = role)
        union all
        select format('grant %I to %I%s', role, member, bare)
        from (values ('nunchi_member', 'nunchi_app'), ('nunchi_app', current_user), ('nunchi_owner', current_user))
          wanted (role, member)
        -- A superuser may take any role without a grant.
        where not (member = current_user
            and (select rolsuper from pg_catalog.pg_roles where rolname = current_user))
          and not exists (
            select from pg_catalog.pg_auth_members m
            join pg_catalog.pg_roles r on r.oid = m.roleid
            join pg_catalog.pg_roles p on p.oid = m.member
            where r.rolname = role and p.rolname = wanted.member
              -- On 16 and later, creating a role makes its maker a member that may not `set role` yet.
              and coalesce((pg_catalog.to_jsonb(m) ->> 'set_option')::boolean, true))
        union all
        select format('alter role nunchi_app set %s = %L', setting, value)
        from (values ('statement_timeout', '15s'), ('lock_timeout', '5s'),
          ('idle_in_transaction_session_timeout', '30s')) wanted (setting, value)
        where not exists (
          select from pg_catalog.pg_db_role_setting s join pg_catalog.pg_roles r on r.oid = s.setrole
          where r.rolname = 'nunchi_app' and s.setdatabase = 0
            and exists (select from unnest(s.setconfig) c where c like setting || '=%'))
      loop
        execute step.command;
      end loop;
      exit;
    exception
      when duplicate_object or unique_violation or internal_error then
        -- Another database of the cluster was doing the same ("tuple concurrently updated").
        attempt := attempt + 1;
        if attempt > 20 then
          raise;
        end if;
        perform pg_catalog.pg_sleep(0.05 * pg_catalog.random() * attempt);
      when insufficient_privilege then
        raise insufficient_privilege using
          message = format('%s may not do this: %s', current_user, step.command),
          hint = 'Migrate once as a superuser or as the role that made nunchi''s roles, or let that one run this statement.';
    end;
  end loop;
end
$$;

do $$
begin
  if not exists (select from pg_catalog.pg_namespace where nspname = 'nunchi') then
    create schema nunchi authorization nunchi_owner;
  end if;
  -- The views that people query. Readers may look into this schema only, never into nunchi itself.
  if not exists (select from pg_catalog.pg_namespace where nspname = 'nunchi_data') then
    create schema nunchi_data authorization nunchi_owner;
    set local role nunchi_owner;
    revoke all on schema nunchi_data from public;
    grant usage on schema nunchi_data to nunchi_reader;
    set local role none;
  end if;
end
$$;

do $$
begin
  -- Not by to_regclass(): the login may lack the right to look into the schema.
  if not exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'nunchi' and c.relname = 'schema_migrations') then
    set local role nunchi_owner;
    revoke all on schema nunchi from public;
    grant usage on schema nunchi to nunchi_app, nunchi_member;
    create table nunchi.schema_migrations (
      version integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    );
    alter table nunchi.schema_migrations enable row level security, force row level security;
    create policy owner on nunchi.schema_migrations to nunchi_owner using (true) with check (true);
    set local role none;
  end if;
end
$$;
