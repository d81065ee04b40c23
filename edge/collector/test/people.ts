/** A project with people in every table, for the tests of erasing, exporting and retention. */
import { createHash } from 'node:crypto'
import type { TestDatabase } from './postgres.ts'
import { newId } from './rig.ts'

/** What `ingest` answers of one batch. */
export interface Answer {
  batch: string
  accepted: number
  duplicates: number
  rejected: { index: number; id: string; code: string; detail: string; fix: string }[]
}

/** A project that events can be sent to. */
export interface PeopleProject {
  projectId: string
  /** A batch of these events, as `ingest` takes it. */
  batch(events: object[], more?: object): object
  ingest(events: object[], more?: object): Promise<Answer>
  /** Calls `erase_person` until it is done. */
  erase(
    id: string,
    more?: object,
  ): Promise<{ removed: { [table: string]: number }; ids: number; calls: number }>
}

/** An id whose 48 bits hold this time. */
export const idAt = (ms: number): string => {
  const hex = Math.floor(ms).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}${newId().slice(13)}`
}

/** An event of now that nothing is wrong with, but that it has nobody. */
export const eventOf = (more: object): object => ({
  id: newId(),
  type: 'track',
  name: 'n',
  ts: Date.now(),
  tab: 't',
  seq: 0,
  sdk: 's',
  ...more,
})

/** Makes a project and a key. */
export async function peopleProject(db: Pick<TestDatabase, 'app' | 'owner'>): Promise<PeopleProject> {
  const { projectId } = await db.owner.call<{ projectId: string }>('create_project', { name: newId() })
  const hash = createHash('sha256').update(newId()).digest('hex')
  const key = { projectId, environment: 'production', kind: 'srv', hash, hint: hash.slice(-6) }
  await db.owner.call('create_key', key)
  const batch: PeopleProject['batch'] = (events, more = {}) => {
    const now = Date.now()
    const rest = { keyHash: hash, receivedAt: now, sentAt: now, context: {}, dropped: {}, rejects: [] }
    return { batch: newId(), ...rest, events, ...more }
  }
  return {
    projectId,
    batch,
    async ingest(events, more) {
      const answer = await db.app.call<{ batches: Answer[] }>('ingest', { batches: [batch(events, more)] })
      return answer.batches[0]!
    },
    async erase(id, more = {}) {
      for (let calls = 1; ; calls++) {
        const answer = await db.owner.call<{
          done: boolean
          ids: number
          removed: { [table: string]: number }
        }>('erase_person', { projectId, id, actor: 'cli:test', ...more })
        if (answer.done) return { ...answer, calls }
      }
    },
  }
}

/** Writes what processing derives: two devices and an old account of `user`, and a stranger on the first device. */
export async function derive(
  db: TestDatabase,
  projectId: string,
  [user, first, second, old, stranger]: string[],
): Promise<void> {
  const p = `'${projectId}'::uuid`
  const event = 'gen_random_uuid()'
  await db.sql.unsafe(`
    insert into nunchi.identities values (${p}, '${first}', '${user}', now() - interval '1 day', ${event}), (${p}, '${second}', '${user}', now() - interval '1 day', ${event}),
      (${p}, 'a9', '${stranger}', now() - interval '1 day', ${event});
    insert into nunchi.aliases values (${p}, '${old}', '${user}', now() - interval '1 day', ${event});
    insert into nunchi.traits values (${p}, 'user', '${user}', 'email', '"x@y.example"', now(), ${event}),
      (${p}, 'user', '${stranger}', 'plan', '"pro"', now(), ${event}), (${p}, 'group', '${user}', 'n', '1', now(), ${event});
    insert into nunchi.sessions (project_id, session_id, environment, anonymous_id, user_id, started_at, ended_at, first_event_id,
        last_event_id, events, pages, conversions)
      select ${p}, s, 'production', a, u, now(), now(), ${event}, ${event}, 1, 1, 0
      from (values ('s1', '${first}', null), ('s2', null, '${user}'), ('s3', '${first}', '${stranger}'), ('s4', 'a9', null)) v (s, a, u);
    insert into nunchi.minute_visitors select ${p}, 'production', date_trunc('minute', now()), a, u
      from (values ('${first}', ''), ('${first}', '${stranger}'), ('a9', '')) v (a, u);
    insert into nunchi.daily_visitors select ${p}, 'production', current_date, a, u
      from (values ('${second}', '${user}'), ('${first}', '${stranger}'), ('', '${stranger}'), ('', '${old}')) v (a, u);`)
}
