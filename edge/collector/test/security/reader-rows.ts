/** A project with rows in every view of nunchi_data, events in every partition, and people of every kind. */
import type { TestDatabase } from '../postgres.ts'

/** Makes it, and answers its id. */
export async function fillProject(db: TestDatabase, name: string): Promise<string> {
  const { projectId } = await db.owner.call<{ projectId: string }>('create_project', { name })
  await db.owner.call('create_key', {
    projectId,
    environment: 'production',
    kind: 'srv',
    hash: name.toLowerCase().repeat(64),
    hint: 'x',
  })
  const insert = 'insert into nunchi.'
  const seeds = [
    // In each partition that stands: its time is its id's, but for the default one, whose clocks were off.
    `${insert}analytics_events (project_id, id, occurred_at, received_at, ts, skew_ms, seq, key_id, clock_suspect,
      internal, environment, type, name, tab, sdk, anonymous_id, session_id, page_url, properties)
    select '${projectId}', nunchi.uuid_floor(m.at + n * interval '1 minute'), m.occurred + n * interval '1 minute', now(), m.at, 0, n, 1,
      m.suspect, false, 'production', e.type, e.name, 't', 's', 'a1', 's1', 'https://www.shop.example/tea?x=1', e.properties
    from (
      select coalesce(to_timestamp(('x' || lpad(replace(left(b.bound, 13), '-', ''), 16, '0'))::bit(64)::bigint / 1000.0), '1970-01-03') as at,
        coalesce(to_timestamp(('x' || lpad(replace(left(b.bound, 13), '-', ''), 16, '0'))::bit(64)::bigint / 1000.0), now()) as occurred,
        b.bound is null as suspect
      from pg_inherits i join pg_class c on c.oid = i.inhrelid,
        lateral (select substring(pg_get_expr(c.relpartbound, c.oid) from 'FROM \\(''([^'']+)') as bound) b
      where i.inhparent = 'nunchi.analytics_events'::regclass
    ) m, (values (1, 'page', '/tea', '{"campaign": {"source": "news"}}'::jsonb), (2, 'track', 'Web Vital', '{"metric": "LCP", "value": 1200.5}'),
      (3, 'track', 'Order Completed', '{"revenue": "12.50", "currency": "krw"}'), (4, 'track', 'prompt_usage', '{}'),
      (5, 'identify', 'identify', '{}')) e (n, type, name, properties)`,
    `${insert}event_rejects values ('${projectId}', 'b', 0, null, 'event_name_invalid', 'd', '{}', 1, now())`,
    `${insert}sdk_drops values ('${projectId}', current_date, 'store_full', 2)`,
    `${insert}quality_days values ('${projectId}', 'production', current_date, 0, 5, 1, 0, 0, 0, 0)`,
    `${insert}aliases select '${projectId}', 'old-1', 'u-1', now(), gen_random_uuid()`,
    `${insert}identities select '${projectId}', 'a1', 'old-1', now(), gen_random_uuid()`,
    `${insert}traits select '${projectId}', 'user', 'u-1', 'plan', '"pro"', now(), gen_random_uuid()`,
    `${insert}daily_visitors values ('${projectId}', 'production', current_date, 'a1', '')`,
    `${insert}rollup_days values ('${projectId}', 'production', current_date, 'total', '', 0, 5, 0)`,
    `${insert}rollup_minutes values ('${projectId}', 'production', now(), 'total', '', 0, 5, 0)`,
    `${insert}sessions (project_id, session_id, environment, anonymous_id, started_at, ended_at, events, pages, conversions)
      values ('${projectId}', 's1', 'production', 'a1', now() - interval '1 minute', now(), 5, 1, 1)`,
    `${insert}items (project_id, environment, id, type, title, tags, attributes, available, hash)
      values ('${projectId}', 'production', 'tea', 'products', 'Tea', '{green}', '{}', true, 'h')`,
    `${insert}interactions (project_id, environment, actor, by_user, item, weight, kinds, event_id, first_at, last_at)
      values ('${projectId}', 'production', 'a1', false, 'tea', 1, '{"view": 1}', gen_random_uuid(), now(), now())`,
    `${insert}user_preferences values ('${projectId}', 'production', 'a1', false, 'tag', 'green', 0.5, now())`,
    `${insert}recommendation_days values ('${projectId}', 'production', current_date, 'user', 'tea', 0, 3, 1)`,
  ]
  for (const seed of seeds) await db.sql.unsafe(seed)
  return projectId
}
