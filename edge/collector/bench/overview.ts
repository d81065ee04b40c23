/** How long the overview's figures take on a large project, as the collector's login, and that no event is read for them. */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { postgres } from '../src/storage/postgres.ts'
import { startDatabase } from './lib/database.ts'
import { type Goal, printGoals, quantile, reached, writeJson } from './lib/goals.ts'

const { values } = parseArgs({
  options: { json: { type: 'string', default: '' }, rows: { type: 'string', default: '100000' } },
})
const rows = Number(values.rows)
const token = createHash('sha256').update('bench').digest('hex')
const db = await startDatabase()

/** Sixty days of a project: visitors (a fifth signed in), visits, the last hour, and counts by day under many names. */
async function fill(): Promise<void> {
  const project = db.projectId
  await db.sql.unsafe(`
    insert into nunchi.overview_sessions select '${token}', '${project}', ${db.keyId}, now() + interval '1 day';
    insert into nunchi.daily_visitors
      select '${project}', 'production', current_date - (n % 60), 'a' || n % 200000, case when n % 5 = 0 then 'u' || n % 40000 else '' end
      from generate_series(1, ${rows}) n on conflict do nothing;
    insert into nunchi.minute_visitors
      select '${project}', 'production', date_trunc('minute', now()) - (n % 60) * interval '1 minute', 'a' || n, ''
      from generate_series(1, 20000) n on conflict do nothing;
    insert into nunchi.identities
      select '${project}', 'a' || n, 'u' || n % 20000, now(), gen_random_uuid() from generate_series(1, 40000) n;
    insert into nunchi.aliases
      select '${project}', 'u' || n, 'v' || n, now(), gen_random_uuid() from generate_series(1, 1000) n;
    insert into nunchi.sessions (project_id, session_id, environment, anonymous_id, started_at, ended_at, first_event_id,
      last_event_id, events, pages, conversions)
      select '${project}', 's' || n, 'production', 'a' || n % 200000, now() - (n % 86400) * interval '1 minute', now(),
        gen_random_uuid(), gen_random_uuid(), 5, 3, 0 from generate_series(1, ${rows}) n;
    insert into nunchi.rollup_days
      select '${project}', 'production', current_date - d, k, case k when 'total' then '' when 'type' then 'page'
        when 'vital' then 'LCP:' || 80 + n % 20 else k || n end, s, 100, 1
      from generate_series(0, 59) d, unnest(array['total','type','page','source','country','device','vital','event']) k,
        generate_series(1, 200) n, generate_series(0, 3) s
      on conflict do nothing;
    insert into nunchi.rollup_minutes
      select '${project}', 'production', date_trunc('minute', now()) - m * interval '1 minute', 'total', '', s, 100, 0
      from generate_series(0, 1440) m, generate_series(0, 3) s;
    analyze;`)
}

await fill()
const app = postgres(db.open(db.appUrl))
const scansOfEvents = async (): Promise<number> => {
  const [row] =
    await db.sql`select coalesce(sum(seq_scan + idx_scan), 0)::int as scans from pg_stat_user_tables
    where relname like 'analytics_events%'`
  return Number(row?.['scans'])
}

const goals: Goal[] = []
const before = await scansOfEvents()
for (const days of [1, 7, 30]) {
  const ms: number[] = []
  for (let i = 0; i < 23; i++) {
    const from = performance.now()
    const answer = await app.call<{ totals: { people: number } } | null>('overview', {
      tokenHash: token,
      days,
    })
    if (!answer?.totals.people) throw new Error('The overview shows nobody.')
    ms.push(performance.now() - from)
  }
  // The first ones plan.
  goals.push({ what: `${days} days, p95`, figure: quantile(ms.slice(3), 0.95), goal: 300, unit: ' ms' })
}
// Statistics are told a moment later.
await new Promise((resume) => setTimeout(resume, 1_500))
goals.push({ what: 'scans of events', figure: (await scansOfEvents()) - before, goal: 0, unit: '' })
console.log(`${db.label}, ${rows.toLocaleString('en')} visitor days, as many visits`)
printGoals(goals)
writeJson(values.json, { server: db.label, rows, goals })
await db.stop()
process.exit(goals.every(reached) ? 0 : 1)
