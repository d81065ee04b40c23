-- Generated from sql/ by node edge/collector/test/generate.ts: do not edit.
set role nunchi_owner;

-- Who may vouch for visitors: what verifies the signed tokens that pages bring for a userId.
create table nunchi.token_verifiers (
  project_id uuid not null references nunchi.projects on delete cascade,
  environment text not null check (environment in ('development', 'staging', 'production')),
  name text not null check (name ~ '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,99}$'),
  kind text not null check (kind in ('secret', 'key', 'jwks')),
  issuer text not null check (issuer <> ''),
  audience text not null check (audience <> ''),
  algorithm text not null check (algorithm in ('HS256', 'ES256', 'RS256', 'EdDSA')),
  -- The claim that says who it is.
  subject_claim text not null default 'sub' check (subject_claim <> ''),
  -- One of the three, by its kind. A secret is answered to the collector alone (see docs/guide/visitor-tokens.md).
  secret text,
  key jsonb,
  url text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- From when on it verifies nothing any more; null while it is not being replaced.
  retires_at timestamptz,
  primary key (project_id, environment, name),
  check ((kind = 'secret') = (secret is not null) and (kind = 'key') = (key is not null) and (kind = 'jwks') = (url is not null)),
  -- A public key can never serve as a shared secret, whatever a token's header says.
  check ((kind = 'secret') = (algorithm = 'HS256'))
);
alter table nunchi.token_verifiers enable row level security, force row level security;
create policy owner on nunchi.token_verifiers to nunchi_owner using (true) with check (true);

insert into nunchi.schema_migrations (version, name, checksum)
values (15, 'tokens', '9c2e97f5bdc34ba889c23b53df18038812218cb2d6516bb61a0066a989a4d11e');

reset role;
