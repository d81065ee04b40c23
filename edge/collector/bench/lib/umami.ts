/** One row per event, inserted by itself, into a table of the shape that Umami keeps events in. */
import type { Event } from '@nunchi/protocol'
import type { BenchDatabase } from './database.ts'
import { someEvents } from './events.ts'

// A random id as primary key and ten further indexes, most of them beginning with site and time. Left out,
// in its favour: the session's own row, and the row for each property with its indexes.
const schema = `
  create table bench_website_event (event_id uuid primary key, website_id uuid not null, session_id uuid not null,
    visit_id uuid not null, created_at timestamptz default now(), url_path varchar(500) not null,
    url_query varchar(500), referrer_path varchar(500), referrer_domain varchar(500), page_title varchar(500),
    event_type integer not null default 1, event_name varchar(50), tag varchar(50), hostname varchar(100));
  create index on bench_website_event (created_at);
  create index on bench_website_event (session_id);
  create index on bench_website_event (visit_id);
  create index on bench_website_event (website_id);
  create index on bench_website_event (website_id, created_at);
  create index on bench_website_event (website_id, created_at, url_path);
  create index on bench_website_event (website_id, created_at, referrer_domain);
  create index on bench_website_event (website_id, created_at, page_title);
  create index on bench_website_event (website_id, created_at, event_name);
  create index on bench_website_event (website_id, session_id, created_at);`

const insert = `insert into bench_website_event (event_id, website_id, session_id, visit_id, created_at, url_path,
    url_query, referrer_path, referrer_domain, page_title, event_type, event_name, hostname)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 2, $11, $12) returning event_id`

/** Rows that stand there before: an index that holds nothing costs nothing. */
const standing = `insert into bench_website_event (event_id, website_id, session_id, visit_id, created_at, url_path,
    url_query, referrer_path, referrer_domain, page_title, event_type, event_name, hostname)
  select gen_random_uuid(), $1::text::uuid, md5((n % 5000)::text)::uuid, md5((n % 7000)::text)::uuid,
    now() - (100000 - n) * interval '3 seconds', '/tea/' || n % 50, 'utm_source=letter', '/', 'search.example',
    'Shop: /tea', 2, 'Product Viewed', 'shop.example'
  from generate_series(1, $2::text::int) n`

function values(event: Event, projectId: string): string[] {
  const url = new URL(event.page!.url)
  const from = new URL(event.page!.referrer!)
  const time = new Date(event.ts).toISOString()
  const where = [url.pathname, url.search.slice(1), from.pathname, from.hostname, event.page!.title!]
  const ids = [crypto.randomUUID(), projectId, event.sessionId!, event.anonymousId!]
  return [...ids, time, ...where, event.name, url.hostname]
}

/** The way, but for what all ways have. */
export interface Umami {
  name: 'umami'
  says: string
  client: ReturnType<BenchDatabase['open']>
  prepare(size: number): () => Promise<void>
}

/** Opens it, with 100,000 rows standing. */
export async function openUmami(database: BenchDatabase): Promise<Umami> {
  const client = database.open()
  await client.unsafe(schema)
  await client.unsafe(standing, [database.projectId, '100000'])
  return {
    name: 'umami',
    says: "a row an event, each with a commit of its own, in Umami's shape with its indexes",
    client,
    prepare(size) {
      const rows = someEvents(size).map((event) => values(event, database.projectId))
      return async () => {
        for (const row of rows) await client.unsafe(insert, row, { prepare: true })
      }
    },
  }
}
