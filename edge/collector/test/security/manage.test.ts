/** The manage API under attack: keys that may not, bodies that should break it, and names that mean something. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { managePath, operations } from '../../src/manage/operations.ts'
import { problemOf } from '../rig.ts'
import { openRiver, type River } from './river.ts'

let river: River
let keys: { writer: string; reader: string; eventsOnly: string; other: string; staging: string }
beforeAll(async () => {
  river = await openRiver()
  const [ours, theirs] = [river.projectId, await river.addProject('Another shop')]
  keys = {
    writer: await river.addKey(ours, 'srv', { scopes: ['config:write', 'config:read'] }),
    reader: await river.addKey(ours, 'srv', { scopes: ['config:read'] }),
    eventsOnly: await river.addKey(ours, 'srv', { scopes: ['events:write'] }),
    other: await river.addKey(theirs, 'srv', { scopes: ['config:write', 'config:read'] }),
    staging: await river.addKey(ours, 'srv', { environment: 'staging' }),
  }
  await put('ours', flag)
})
afterAll(() => river.close())

const flag = { type: 'boolean', value: false }
type Init = { key?: string | undefined; headers?: Record<string, string> }
function ask(method: string, path: string, body?: unknown, { key = keys.writer, headers = {} }: Init = {}) {
  return river.collector.fetch(
    new Request(`https://collector.example${managePath}${path}`, {
      method,
      headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  )
}
const put = (key: string, body: unknown, init?: Init) =>
  ask('PUT', `/flags/${encodeURIComponent(key)}`, body, init)
const inForce = async (key = keys.writer) => (await ask('GET', '/config', undefined, { key })).json()
const every = operations.map((one) => [`${one.method} ${one.path}`, one] as const)
/** A request that would do its work if only the key might. */
const doing = ({ method, path }: (typeof operations)[number], init: Init) =>
  ask(
    method,
    path.replace('{key}', 'ours'),
    method === 'GET' ? undefined : { ...flag, pattern: '*', number: 1, coverage: 0 },
    init,
  )

describe('each operation of the manage API', () => {
  it.each(every)('security 1, 2: %s takes no stranger, and no key that was revoked', async (_name, one) => {
    expect(await problemOf(await doing(one, { key: '' }))).toMatchObject({ status: 401, code: 'key_missing' })
    const gone = await river.addKey(river.projectId, 'srv')
    await river.rows(
      'update nunchi.api_keys set revoked_at = now() where id = (select max(id) from nunchi.api_keys)',
    )
    expect(await problemOf(await doing(one, { key: gone }))).toMatchObject({
      status: 401,
      code: 'key_unknown',
    })
  })

  it.each(every)(
    'security 4, 5, 48: %s takes no key of pages, none from a page, none of another scope',
    async (_name, one) => {
      const before = await inForce()
      for (const [init, code] of [
        [{ key: river.key }, 'key_not_allowed'],
        [{ key: keys.eventsOnly }, 'key_not_allowed'],
        [{ headers: { origin: 'https://shop.example' } }, 'key_in_browser'],
        ...(one.scope === 'config:write' ? [[{ key: keys.reader }, 'key_not_allowed'] as const] : []),
      ] as const)
        expect(await problemOf(await doing(one, init))).toMatchObject({ status: 403, code })
      expect(await inForce()).toEqual(before)
    },
  )

  it.each(every)(
    'security 42: %s neither reads nor changes what is another project’s or environment’s',
    async (_name, one) => {
      const before = await inForce()
      for (const key of [keys.other, keys.staging]) {
        const response = await doing(one, { key })
        expect(await response.text()).not.toContain('"ours":{"type":"boolean","value":false,"revision":1}')
      }
      expect(await inForce()).toEqual(before)
      expect(await (await ask('GET', '/flags/ours')).json()).toMatchObject({ revision: 1 })
    },
  )
})

describe('a body that should break it', () => {
  const writes = every.filter(([, one]) => one.body)
  const bodies: [what: string, body: () => string, codes: RegExp][] = [
    ['a megabyte and a byte', () => `"${'x'.repeat(1_048_575)}"`, /body_too_large/],
    [
      'a megabyte of text',
      () => JSON.stringify({ type: 'string', value: 'x'.repeat(1_048_000) }),
      /config_|^$/,
    ],
    ['100,000 levels of lists', () => '['.repeat(100_000), /body_too_deep/],
    ['100,000 levels of objects', () => '{"a":'.repeat(100_000), /body_too_deep/],
    [
      'levels within a flag',
      () => `{"type":"json","value":${'['.repeat(1_000)}${']'.repeat(1_000)}}`,
      /body_too_deep/,
    ],
    [
      '100,000 fields',
      () => JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`f${i}`, 1]))),
      /config_/,
    ],
    ['no text at all', () => '', /config_|^$/],
    ['half a text', () => '{"type":', /body_not_json/],
    ['a number', () => '1e999', /config_/],
    ['null', () => 'null', /config_/],
    [
      'names that every object has',
      () => '{"__proto__":{"type":"boolean"},"constructor":{"prototype":{"value":1}}}',
      /config_/,
    ],
    [
      'rules of rules',
      () => '{"type":"boolean","value":true,"rules":{"length":1e9,"0":{}},"variants":{"length":1e9}}',
      /config_/,
    ],
  ]
  it.each(bodies)(
    'security 9, 12, 14, 55: %s is refused in words by every operation that takes one',
    async (_what, body, codes) => {
      const before = await inForce()
      for (const [name, one] of writes) {
        if (one.id === 'completeExperiment') continue
        const response = await ask(one.method, one.path.replace('{key}', 'bad'), body())
        if (one.id === 'validateDefinition' && response.status === 200) {
          expect(((await response.json()) as { mistakes: object[] }).mistakes.length).toBeLessThanOrEqual(
            1_000,
          )
          continue
        }
        if (one.id === 'putFlag' && response.status === 200) continue
        const problem = await problemOf(response)
        expect([name, problem.code]).toEqual([name, expect.stringMatching(codes)])
        expect(JSON.stringify(problem)).not.toMatch(/nunchi\.\w+\(|select |\.ts|node_modules| at \S+:\d+/)
        expect(problem.mistakes?.length ?? 0).toBeLessThanOrEqual(1_000)
      }
      await ask('DELETE', '/flags/bad')
      const after = await inForce()
      expect(after).toMatchObject({ definition: (before as { definition: object }).definition })
      expect(({} as { type?: unknown }).type).toBeUndefined()
    },
  )

  it('security 14: keys named like what every object has are data', async () => {
    for (const key of [
      '__proto__',
      'constructor',
      'hasOwnProperty',
      '../../etc',
      'a/b',
      'a%2Fb',
      ' ',
      '깃발 🏁',
    ]) {
      const made = await put(key, flag)
      if (made.status !== 200) {
        expect(await problemOf(made)).toMatchObject({
          code: expect.stringMatching(/config_invalid|not_found/),
        })
        continue
      }
      expect(await made.json()).toMatchObject({ before: null, after: { revision: 1 } })
      expect(await (await ask('GET', `/flags/${encodeURIComponent(key)}`)).json()).toMatchObject(flag)
      expect((await ask('DELETE', `/flags/${encodeURIComponent(key)}`)).status).toBe(200)
    }
    expect(Object.keys(((await inForce()) as { definition: { flags: object } }).definition.flags)).toEqual([
      'ours',
    ])
  })

  it('a pattern of many stars against a long key is answered', async () => {
    await put(`${'a'.repeat(5_000)}!`, flag)
    const problem = await problemOf(
      await ask('POST', '/flags/disable', { pattern: `${'*a'.repeat(2_000)}*b` }),
    )
    expect(problem.code).toBe('config_not_found')
    expect((await ask('POST', '/flags/disable', { pattern: `${'*a'.repeat(2_000)}*!` })).status).toBe(200)
  })
})

describe('ten thousand flags', () => {
  it('are validated, published, changed and served', async () => {
    const key = await river.addKey(await river.addProject('Large'), 'srv')
    const flags = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`f${i}`, { ...flag, revision: 1 }]),
    )
    const checked = await ask('POST', '/validate', { flags, experiments: {} }, { key })
    expect(await checked.json()).toEqual({ mistakes: [] })
    const { projectId } = (
      await river.rows<{ projectId: string }>(
        `select id as "projectId" from nunchi.projects where name = 'Large'`,
      )
    )[0]!
    const definition = { flags, experiments: {} }
    const config = { version: 'v', ...definition }
    await river.owner.call('publish_config', {
      ...{ projectId, environment: 'production', base: 0, version: 'v', definition, config },
      ...{ actor: 'cli', reason: 'config.import', subject: 'config', before: null, after: null },
    })
    expect((await put('f9999', { ...flag, value: true }, { key })).status).toBe(200)
    const disabled = await ask('POST', '/flags/disable', { pattern: 'f*' }, { key })
    expect(Object.keys(((await disabled.json()) as { after: object }).after)).toHaveLength(10_000)
  })
})

describe('security 72: a change of a flag', () => {
  it('leaves one row: who, what, before and after; a refused one leaves none', async () => {
    const rows = () =>
      river.rows<{ actor: string; action: string; subject: string; before: unknown; after: unknown }>(
        `select actor, action, subject, before, after from nunchi.audit_log where subject like '%/audited' order by id`,
      )
    await put('audited', flag)
    await put('audited', { ...flag, type: 'date' })
    await put('audited', { ...flag, value: true }, { headers: { 'if-match': '"1"' } })
    await put('audited', { ...flag, value: true }, { key: keys.reader })
    await put('audited', { ...flag, value: true })
    const [id] = await river.rows<{ id: number }>(
      `select id from nunchi.api_keys where scopes = array['config:write', 'config:read'] order by id limit 1`,
    )
    const common = { actor: `key:${id?.id}`, subject: 'production/flag/audited' }
    expect(await rows()).toEqual([
      { ...common, action: 'flag.create', before: null, after: { ...flag, revision: 1 } },
      {
        ...common,
        action: 'flag.update',
        before: { ...flag, revision: 1 },
        after: { ...flag, value: true, revision: 2 },
      },
    ])
  })
})
