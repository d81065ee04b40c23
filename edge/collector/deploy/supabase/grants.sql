-- What Supabase's own roles may do: the secret key calls what the collector calls, and speaks for members.
-- The schema must also be exposed: config.toml [api] schemas, or Project Settings, Data API, Exposed schemas.
grant nunchi_app to service_role;
-- as_member() takes this role; the connection's own login must be allowed to.
grant nunchi_member to authenticator;

set role nunchi_owner;
grant usage on schema nunchi to service_role;
grant execute on function nunchi.as_member(jsonb) to service_role;
reset role;
