/** What `doctor` thinks of the facts: one check each, with its remedy. */
import type { Check } from '../check.ts'
import type { Facts } from './facts.ts'
import { judgeConfig } from './judge-config.ts'
import { judgeProcessing, judgeQuality, judgeQueue, judgeReaders } from './judge-data.ts'
import { judgeInsights } from './judge-insights.ts'
import { fail, ok, warn } from './verdict.ts'

type Judge = (facts: Facts) => Check | undefined

const migrate = 'Run: nunchi migrate up'

function server({ serverVersion, serverVersionNumber }: Facts): Check {
  const text = `Postgres ${serverVersion.split(' ')[0]}`
  return serverVersionNumber >= 150_000
    ? ok('server', text)
    : fail('server', `${text} is older than 15`, 'Upgrade Postgres to 15 or later.')
}

function schema({ schemaVersion, codeVersion }: Facts): Check {
  const now = schemaVersion ?? 0
  if (now < codeVersion)
    return fail('schema', `the schema is at migration ${now}, this program at ${codeVersion}`, migrate)
  if (now > codeVersion)
    return warn(
      'schema',
      `the schema is at migration ${now}, newer than this program's ${codeVersion}`,
      'Finish the rolling upgrade: bring this program to the newer version.',
    )
  return ok('schema', `at migration ${now}, as this program expects`)
}

/** Supabase's administrators bypass row-level security by design; its platform is what keeps them in. */
const supabase = /^(postgres|supabase_admin|service_role)(\..+)?$/

function login({ serving, kind, production }: Facts): Check {
  const { name, superuser, bypassRls } = serving
  if (!superuser && !bypassRls) return ok('login', `the collector logs in as ${name}`)
  const power = superuser ? 'a superuser' : 'a login that bypasses row-level security'
  if (kind === 'folder' && !production)
    return ok('login', 'a local database: everything runs as its one user, in the role that each call needs')
  if (serving.supabase && supabase.test(name))
    return ok('login', `the collector logs in as ${name}, Supabase's own`)
  const detail = `the collector logs in as ${name}, ${power}`
  const fix = 'Let DATABASE_URL log in as nunchi_app, and give the administrator in NUNCHI_MIGRATE_URL.'
  return production ? fail('login', detail, fix) : warn('login', detail, fix)
}

function addresses({ kind, transactionPool }: Facts): Check | undefined {
  if (kind === 'folder') return undefined
  const fix =
    'Set DATABASE_URL to nunchi_app (it serves) and NUNCHI_MIGRATE_URL to an administrator (it migrates), then run: nunchi migrate up'
  if (kind === 'one-url' && transactionPool)
    return fail('addresses', 'one address for everything, and it is a pooler in transaction mode', fix)
  if (kind === 'one-url')
    return warn('addresses', 'one address for everything: each call changes its role by itself', fix)
  return ok('addresses', 'one address serves, another migrates')
}

function poolMode({ kind, transactionPool }: Facts): Check | undefined {
  if (kind === 'folder') return undefined
  return ok(
    'pool mode',
    transactionPool ? 'a pooler in transaction mode' : 'direct, or a pooler in session mode',
  )
}

function roles({ roles }: Facts): Check {
  const wrong = (
    [
      ['nunchi_owner', { login: false, superuser: false, bypassRls: false }],
      ['nunchi_app', { inherit: false, superuser: false, bypassRls: false }],
      ['nunchi_member', { login: false, superuser: false, bypassRls: false }],
      ['nunchi_reader', { login: false, superuser: false, bypassRls: false }],
    ] as const
  ).flatMap(([name, wanted]) => {
    const role = roles[name]
    if (!role) return [`${name} is missing`]
    return Object.entries(wanted)
      .filter(([property, value]) => role[property as keyof typeof role] !== value)
      .map(([property, value]) => `${name} should have ${property} ${value}`)
  })
  return wrong.length === 0
    ? ok('roles', 'owner, app, member and reader, each with no more than it needs')
    : fail(
        'roles',
        wrong.join(', '),
        'Put the roles right by ALTER ROLE as an administrator, or run: nunchi migrate up',
      )
}

function grants({ appReadsTables: tables }: Facts): Check {
  return tables.length === 0
    ? ok('grants', 'the collector reaches tables through functions only')
    : fail(
        'grants',
        `nunchi_app may touch ${tables.join(', ')}`,
        `Run: revoke all on nunchi.${tables[0]} from nunchi_app, public`,
      )
}

function rowSecurity({ tablesWithoutForcedRls: tables }: Facts): Check {
  return tables.length === 0
    ? ok('row security', 'on and forced for every table')
    : fail(
        'row security',
        `not forced for ${tables.join(', ')}`,
        `Run: alter table nunchi.${tables[0]} enable row level security, force row level security`,
      )
}

function partitions({ partitions: { monthsAhead } }: Facts): Check {
  const detail = `${monthsAhead} month${monthsAhead === 1 ? '' : 's'} ahead`
  if (monthsAhead >= 2) return ok('partitions', detail)
  const fix = 'Run: nunchi migrate up (it makes the months that are missing; put it in a monthly cron).'
  return monthsAhead === 1 ? warn('partitions', detail, fix) : fail('partitions', detail, fix)
}

function defaultRows({ defaultRows: rows }: Facts): Check {
  if (rows === 0) return ok('default partition', 'empty')
  const detail = `${rows >= 10_000 ? '10,000 or more' : rows} rows of no month that stands (clocks far off, imports)`
  const fix =
    'Run: nunchi migrate up; rows of months that it makes move there. The rest is of no harm while it is few.'
  return rows >= 10_000 ? fail('default partition', detail, fix) : warn('default partition', detail, fix)
}

function durability({ serving: { synchronousCommit } }: Facts): Check {
  return synchronousCommit === 'off'
    ? fail(
        'durability',
        'synchronous_commit is off: events that were acknowledged can be lost in a crash',
        'Run: alter role nunchi_app set synchronous_commit = on',
      )
    : ok('durability', `synchronous_commit is ${synchronousCommit}`)
}

function clock({ clockMs, roundTripMs }: Facts): Check {
  const off = Math.max(0, Math.abs(clockMs) - roundTripMs)
  const detail = `the database's clock differs from this one by ${Math.abs(clockMs)} ms`
  const fix = 'Let both machines take their time from NTP.'
  if (off < 5_000) return ok('clock', detail)
  return off < 300_000 ? warn('clock', detail, fix) : fail('clock', detail, fix)
}

const judges: Judge[] = [
  server,
  schema,
  login,
  addresses,
  poolMode,
  roles,
  grants,
  rowSecurity,
  partitions,
  defaultRows,
  ({ queueState }) => judgeQueue(queueState),
  ({ queueState }) => judgeProcessing(queueState),
  ({ readers }) => judgeReaders(readers),
  durability,
  clock,
  ({ insights }) => judgeInsights(insights),
]

/** Judges every fact, in the order that one would mend them. */
export function judge(facts: Facts): Check[] {
  const checks = judges.map((one) => one(facts)).filter((check) => check !== undefined)
  return [...checks, ...facts.projects.map(judgeQuality), ...facts.configs.map(judgeConfig)]
}
