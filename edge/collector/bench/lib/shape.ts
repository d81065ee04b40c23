/** What the tables of a soaked database look like, each figure beside what it must be. */
import type { BenchDatabase } from './database.ts'

/** A figure and its range. */
export interface Expected {
  what: string
  figure: number
  least: number
  most: number
  unit: string
}

/** Whether it is in its range. */
export const holds = ({ figure, least, most }: Expected): boolean => figure >= least && figure <= most

const sizes = `select count(*)::int as rows,
  count(*) filter (where tableoid = 'nunchi.analytics_events_default'::regclass)::int as outside,
  count(distinct tableoid)::int as partitions, count(*) filter (where clock_suspect)::int as suspect,
  (select sum(pg_table_size(inhrelid))::float8 from pg_inherits where inhparent = 'nunchi.analytics_events'::regclass) as heap,
  (select sum(pg_relation_size(i.indexrelid))::float8 from pg_index i join pg_inherits p on p.inhrelid = i.indrelid
    where p.inhparent = 'nunchi.analytics_events'::regclass and i.indisprimary) as keys,
  (select sum(pg_relation_size(i.indexrelid))::float8 from pg_index i join pg_inherits p on p.inhrelid = i.indrelid
    where p.inhparent = 'nunchi.analytics_events'::regclass and not i.indisprimary) as others
  from nunchi.analytics_events`

const queue = `select count(*)::int as rows, coalesce(sum(cardinality(event_ids)), 0)::int as events,
  count(*) filter (where processing_status = 'dead' or retry_count > 0)::int as failed from nunchi.event_processing_queue`

const distinct = 'select count(distinct (project_id, id))::int as ids from nunchi.analytics_events'

/**
 * Looks at the tables.
 *
 * @param accepted events that were acknowledged as new
 * @param commits calls of ingest that the collector counted
 */
export async function shapeOf(
  { sql }: BenchDatabase,
  accepted: number,
  commits: number,
): Promise<Expected[]> {
  const one = async (text: string) => (await sql.unsafe(text))[0] as unknown as Record<string, number>
  const [events, waiting, ids] = [await one(sizes), await one(queue), await one(distinct)]
  const rows = events['rows']!
  const is = (what: string, figure: number, value: number): Expected => ({
    what,
    figure,
    least: value,
    most: value,
    unit: '',
  })
  const within = (what: string, figure: number, least: number, most: number, unit: string): Expected => ({
    what,
    figure,
    least,
    most,
    unit,
  })
  return [
    is('rows in the table: those acknowledged', rows, accepted),
    is('different ids among them', ids['ids']!, accepted),
    within('partitions that hold rows: this month, or two at its turn', events['partitions']!, 1, 2, ''),
    is('rows in the default partition', events['outside']!, 0),
    is('rows whose clock is suspect', events['suspect']!, 0),
    is('queue rows: one a call of ingest', waiting['rows']!, commits),
    is('events in the queue: each once', waiting['events']!, accepted),
    is('queue rows that processing failed at', waiting['failed']!, 0),
    // Two uuids, a tuple's head and its pointer are 44 bytes; a page filled in order is left nine tenths full.
    within('primary key', events['keys']! / rows, 40, 75, ' bytes a row'),
    // Partial: an event with a right clock is not in it. A page or two a partition.
    within('other indexes', events['others']! / rows, 0, 2, ' bytes a row'),
    // 28 columns of about 700 bytes; beside them the tuple's head, alignment, and rests of pages.
    within('rows themselves', events['heap']! / rows, 400, 900, ' bytes a row'),
  ]
}
