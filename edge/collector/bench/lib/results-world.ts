/** An experiment with a million visitors and what they did, made in SQL from a seed: what `npm run bench results` asks about. */
import { ownerGateway } from '../../src/manage/gateway.ts'
import { publishChange } from '../../src/manage/publisher.ts'
import type { MetricDefinition } from '../../src/results/metric.ts'
import { postgres } from '../../src/storage/postgres.ts'
import type { BenchDatabase } from './database.ts'

const order = { event: 'Order Completed' }
const revenue = { ...order, property: 'revenue' }

/** What the experiment is judged by. */
export const judgedBy: { [key: string]: MetricDefinition } = {
  orders: { name: 'Orders', kind: 'conversion', source: order },
  revenue: { name: 'Revenue', kind: 'sum', source: revenue, cap: 500, role: 'secondary' },
  basket: { name: 'Basket', kind: 'mean', source: revenue, role: 'secondary' },
  added: {
    name: 'Orders per addition',
    kind: 'ratio',
    numerator: order,
    denominator: { event: 'Product Added' },
    role: 'secondary',
  },
  bought: {
    name: 'Added, then ordered',
    kind: 'funnel',
    steps: [{ event: 'Product Added' }, order],
    role: 'secondary',
  },
}

/** How many of each. */
export interface Size {
  exposures: number
  events: number
}

/** Publishes the experiment `price`; answers the config's version. */
export async function publishPrice({ sql, projectId }: BenchDatabase): Promise<string> {
  const owner = postgres(sql, { role: 'nunchi_owner' })
  const { version } = await publishChange(
    ownerGateway(owner, { projectId, environment: 'production' }, 'bench'),
    () => ({
      definition: {
        flags: {},
        experiments: {
          price: {
            name: 'Price first',
            hypothesis: 'Showing the price first sells more tea.',
            status: 'running',
            revision: 1,
            variants: [
              { key: 'control', weight: 500_000, isControl: true },
              { key: 'first', weight: 500_000 },
            ],
          },
        },
      },
      reason: 'bench',
      subject: 'config',
      before: null,
      after: null,
    }),
  )
  return version
}

/** A number from 0 to 1 that depends on `n` alone. */
const dice = (n: string, salt: number) => `((hashint8extended(${n}, ${salt}) & 1048575) / 1048576.0)`

/** An id of a moment, the `n`th. */
const idAt = (at: string, n: string) =>
  `(rpad(lpad(to_hex(floor(extract(epoch from ${at}) * 1000)::bigint), 12, '0'), 20, '7') || right(to_hex(${n}::bigint + 1099511627776), 10) || '88')::uuid`

/**
 * Stores the events as if `ingest()` and `process()` had: exposures over fourteen days, a tenth of all events; of the rest
 * page views, additions and orders, each of some visitor, from a week before to now. Each thousandth visitor saw both
 * variants, each tenth signed in, and each hundredth event is a bot's.
 */
export async function fillEvents(
  db: BenchDatabase,
  version: string,
  { exposures, events }: Size,
): Promise<void> {
  const { sql, projectId, keyId } = db
  const columns = `project_id, id, occurred_at, received_at, ts, skew_ms, seq, key_id, clock_suspect, internal, environment,
    type, name, tab, sdk, anonymous_id, user_id, properties, context, bot`
  const row = (type: string, name: string, user: string, properties: string, context: string, bot: string) =>
    `select '${projectId}'::uuid, ${idAt('at', 'n')}, at, at, at, 0, 0, ${keyId}, false, false, 'production', ${type}, ${name}, 't', 's',
      'v' || visitor, ${user}, ${properties}, ${context}, ${bot}`
  const months =
    await sql`select relname::text as name from pg_class where relkind = 'r' and relname ~ '^analytics_events_\\d'`
  // Nobody will look for these after a crash.
  for (const { name } of months) await sql.unsafe(`alter table nunchi.${name} set unlogged`)
  await sql.unsafe(`insert into nunchi.analytics_events (${columns})
    ${row(
      `'track'`,
      `'Experiment Viewed'`,
      'null',
      `jsonb_build_object('experiment', 'price', 'variant', variant, 'revision', 1, 'configVersion', '${version}',
        'attribute', 'anonymousId', 'unit', 'v' || visitor)`,
      `jsonb_build_object('country', (array['KR','US','DE','JP'])[1 + visitor % 4], 'deviceClass', (array['mobile','desktop'])[1 + visitor % 2])`,
      'false',
    )}
    from (select n, n as visitor, case when ${dice('n', 1)} < 0.5 then 'control' else 'first' end as variant,
      date_trunc('milliseconds', now() - interval '14 days' * ${dice('n', 2)}) as at
      from generate_series(1, ${exposures}) n) e order by at`)
  await sql.unsafe(`insert into nunchi.experiment_assignments
    select e.project_id, e.environment, 'price', 1, e.anonymous_id, 'anonymousId', e.properties ->> 'variant', '${version}', null,
      e.anonymous_id, null, e.occurred_at, e.id, hashtext(e.anonymous_id) % 1000 = 0
    from nunchi.analytics_events e where e.name = 'Experiment Viewed'`)
  await sql.unsafe(`insert into nunchi.identities
    select '${projectId}', 'v' || n, 'u' || n % ${Math.ceil(exposures / 12)}, now() - interval '9 days', gen_random_uuid()
    from generate_series(10, ${exposures}, 10) n`)
  await sql.unsafe(`insert into nunchi.analytics_events (${columns})
    ${row(
      `case when what < 0.8 then 'page' else 'track' end`,
      `case when what < 0.8 then 'page' when what < 0.92 then 'Product Added' else 'Order Completed' end`,
      `case when visitor % 10 = 0 and what > 0.5 then 'u' || visitor % ${Math.ceil(exposures / 12)} end`,
      `case when what >= 0.92 then jsonb_build_object('revenue', round((5 + 200 * ${dice('n', 5)} ^ 3)::numeric, 2)) end`,
      'null',
      `${dice('n', 6)} < 0.01`,
    )}
    from (select n, 1 + (${dice('n', 3)} * ${exposures})::bigint as visitor, ${dice('n', 4)} as what,
      date_trunc('milliseconds', now() - interval '21 days' * ${dice('n', 7)}) as at
      from generate_series(${exposures + 1}, ${events}) n) e order by at`)
  await sql.unsafe('vacuum analyze')
}
