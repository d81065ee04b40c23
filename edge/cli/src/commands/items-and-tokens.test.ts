/** Items and visitors' tokens by the command line. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { createDatabase, type TestDatabase } from '../../../collector/test/postgres.ts'
import { cli } from '../../test/in-process.ts'

let dir: string
let data: string[] = []
let database: TestDatabase | undefined
const file = (name: string, content: string): string => {
  const path = join(dir, name)
  writeFileSync(path, content)
  return path
}
const run = (...words: string[]) => cli(...words, ...data)
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'nunchi-items-'))
  // Sixty commands open it, which takes a server an instant and a folder a second.
  const [server] = inject('postgres').servers
  database = server && (await createDatabase(server))
  vi.stubEnv('DATABASE_URL', database?.url ?? '')
  vi.stubEnv('NUNCHI_MIGRATE_URL', '')
  if (!database) data = ['--data', join(dir, 'db')]
  await run('migrate', 'up')
  await run('keys', 'create', '--project', 'shop')
}, 60_000)
afterAll(async () => {
  vi.unstubAllEnvs()
  await database?.drop()
  rmSync(dir, { recursive: true, force: true })
})

const feed = `<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>
<title>Our shop</title><link>https://shop.example</link>
<item><g:id>tv-1</g:id><title><![CDATA[Google Chromecast & more]]></title>
<g:description>&lt;b&gt;Chromecast&lt;/b&gt; plugs  into the port</g:description>
<link>https://shop.example/tv-1</link><g:image_link>https://shop.example/tv-1.jpg</g:image_link>
<g:price>59.00 USD</g:price><g:brand>Google</g:brand><g:availability>out of stock</g:availability>
<g:product_type>Electronics &gt; Video</g:product_type>
<g:shipping><g:country>US</g:country><g:price>5.00 USD</g:price></g:shipping></item>
<item><title>Without an id</title></item>
<item><g:id>bad</g:id><title>Bad</title><link>javascript:alert(1)</link></item>
</channel></rss>`

describe('nunchi items', () => {
  it('takes a merchant feed, leaves out what is none, by line, and takes it again without a change', async () => {
    const path = file('feed.xml', feed)
    const bad = join(dir, 'bad.jsonl')
    const first = await run('items', 'import', path, '--bad', bad)
    expect(first.out).toContain('3 items read, 1 new or changed, 0 unchanged, 2 left out.')
    expect(first.err).toMatch(/line 11: id must/)
    expect(first.err).toMatch(/line 12: bad: url must/)
    expect(readFileSync(bad, 'utf8').trim().split('\n')).toHaveLength(2)
    expect((await run('items', 'import', path)).out).toContain('0 new or changed, 1 unchanged')
    expect(JSON.parse((await run('items', 'list', '--json')).out)).toEqual({
      id: 'tv-1',
      type: 'products',
      title: 'Google Chromecast & more',
      url: 'https://shop.example/tv-1',
      image: 'https://shop.example/tv-1.jpg',
      tags: ['Electronics', 'Video'],
      text: 'Chromecast plugs into the port',
      attributes: { price: 59, currency: 'USD', brand: 'Google' },
      available: false,
    })
  })

  it('says where nobody can ask for what was imported, because all keys are of another environment', async () => {
    const path = file('staged.csv', 'id,title,type\ns1,Stool,chairs\n')
    const { out } = await run('items', 'import', path, '--environment', 'staging')
    expect(out).toContain('Imported')
    expect(out).toMatch(
      /! No key is of staging, so nobody can ask for these items\. .* --environment production\./,
    )
    const { out: heard } = await run('items', 'import', path)
    expect(heard).not.toContain('No key')
    expect((await run('items', 'delete', 's1')).out).toContain('1')
  })

  it('takes tables: columns by their usual names or as told, numbers as numbers, faults by line', async () => {
    const csv = file(
      'items.csv',
      'SKU,Label,Link,Categories,Available,Price\nl1,"Lamp, oak",/lamp,Light|Oak,yes,39.50\nl2,Table,table,,no,7\nl3,Chair,/chair,,perhaps,8\n',
    )
    const columns = ['--columns', 'title=Label', '--type', 'furniture', '--attributes', 'Price']
    const { out, err } = await run('items', 'import', csv, ...columns)
    expect(out).toContain('3 items read, 1 new or changed')
    expect(err).toMatch(/line 3: l2: url must.*\n.*line 4: l3: available must/)
    const [line] = (await run('items', 'list', '--type', 'furniture', '--json')).out.trim().split('\n')
    expect(JSON.parse(line as string)).toMatchObject({
      id: 'l1',
      title: 'Lamp, oak',
      tags: ['Light', 'Oak'],
      available: true,
      attributes: { price: 39.5 },
    })
    const tsv = file(
      'feed.txt',
      'id\ttitle\timage link\tprice\n7\t27" screen\thttps://s.example/7.png\t99 EUR\n',
    )
    expect((await run('items', 'import', tsv)).out).toContain('1 new or changed')
    expect((await run('items', 'list', '--type', 'products')).out).toMatch(/7 +products +yes +27" screen/)
  })

  it('takes what it lists, in JSON lines, and more than one part of it', async () => {
    const lines = Array.from({ length: 1_203 }, (_, i) =>
      JSON.stringify({ id: `p${i}`, type: 'prompts', title: `P ${i}` }),
    )
    lines.splice(600, 0, 'no JSON')
    const { out, err } = await run('items', 'import', file('prompts.jsonl', lines.join('\n')))
    expect(out).toContain('1204 items read, 1203 new or changed, 0 unchanged, 1 left out.')
    expect(err).toContain('line 601: it is no JSON object')
    const listed = await run('items', 'list', '--type', 'prompts', '--json', '--limit', '2000')
    const again = await run('items', 'import', file('again.jsonl', listed.out))
    expect(again.out).toContain('0 new or changed, 1203 unchanged, 0 left out')
    const ids = file('ids.txt', 'p1\np2\nnobody\n')
    expect((await run('items', 'delete', '--file', ids)).out).toContain('Took 2 of 3 items out')
    expect((await run('items', 'delete', 'p3')).out).toContain('Took 1 of 1')
  })

  it.each([
    ['another kind of file', ['items', 'import', 'items.pdf'], 'must end in'],
    ['no file', ['items', 'import', '/nowhere/items.csv'], 'cannot be read (ENOENT)'],
    [
      'a field that items do not have',
      ['items', 'import', 'a.csv', '--columns', 'price=Price'],
      'is not understood',
    ],
    ['nothing to delete', ['items', 'delete'], 'Name what to delete'],
    ['a limit that is none', ['items', 'list', '--limit', 'all'], 'whole number'],
  ])('says what is wrong with %s', async (_what, words, said) => {
    const { code, err } = await run(...words)
    expect(code).toBeGreaterThan(0)
    expect(err).toContain(said)
  })

  it('says where a feed is no XML, or holds nothing', async () => {
    const broken = await run('items', 'import', file('broken.xml', '<rss>\n<item></rss>'))
    expect(broken.err).toContain('is no XML at line 2')
    expect((await run('items', 'import', file('empty.xml', '<rss/>'))).err).toContain('no <item>')
  })
})

describe('nunchi recommendations', () => {
  it('replaces the settings by good ones, refuses others by their paths, and goes back', async () => {
    const bad = await run(
      'recommendations',
      'set',
      file('bad.json', '{ "diversity": 2, "rules": [{ "pin": 7 }], "x": 1 }'),
    )
    expect(bad.code).toBe(1)
    for (const path of ['diversity: ', 'rules[0]', 'x: ']) expect(bad.err).toContain(path)
    expect(JSON.parse((await run('recommendations', 'show')).out)).toEqual({})
    const good = { diversity: 0.5, rules: [{ filter: { price: { $lt: 100 } } }] }
    expect((await run('recommendations', 'set', file('good.json', JSON.stringify(good)))).out).toContain(
      'from now on',
    )
    expect(JSON.parse((await run('recommendations', 'show')).out)).toEqual(good)
    expect(JSON.parse((await run('recommendations', 'show', '--all')).out)).toMatchObject({
      ...good,
      newDays: 14,
    })
    expect((await run('recommendations', 'reset')).out).toContain('by the defaults')
    expect(JSON.parse((await run('recommendations', 'show')).out)).toEqual({})
  })
})

describe('nunchi tokens', () => {
  const pinned = ['--issuer', 'https://shop.example', '--audience', 'nunchi']
  const add = (...words: string[]) => run('tokens', 'add', ...words)
  const outOf = async (...words: string[]) => (await run(...words)).out.trim()

  it('makes a secret, shown once; signs by it and says whose a token is', async () => {
    const { out } = await add('web', ...pinned, '--generate')
    const [, secret = ''] = out.split('\n')
    expect(secret).toMatch(/^[\da-f]{64}$/)
    expect((await run('tokens', 'list')).out).not.toContain(secret)
    expect(JSON.parse(await outOf('tokens', 'list', '--json'))).toMatchObject([
      { name: 'web', kind: 'secret' },
    ])
    const token = await outOf(
      'tokens',
      'sign',
      'kim',
      '--for',
      'web',
      '--with',
      file('secret', `${secret}\n`),
    )
    expect(await outOf('tokens', 'verify', token)).toMatch(/^It is of kim, by the verifier web, until 20/)
    const other = await outOf('tokens', 'sign', 'kim', '--for', 'web', '--with', file('other', `${secret}x`))
    expect((await run('tokens', 'verify', other)).err).toContain('signature is not by the verifier')
    expect((await run('tokens', 'verify', 'no.jwt')).err).toContain('no signed JWT')
  })

  it('takes a public key as PEM or JWK, of each algorithm, and what its other half signed', async () => {
    for (const [name, { publicKey, privateKey }] of [
      ['es', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
      ['rs', generateKeyPairSync('rsa', { modulusLength: 2048 })],
      ['ed', generateKeyPairSync('ed25519')],
    ] as const) {
      const pem = file(`${name}.pem`, String(publicKey.export({ type: 'spki', format: 'pem' })))
      expect((await add(name, ...pinned, '--key', pem)).out).toContain(`Added the verifier ${name}`)
      const jwk = {
        ...createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' }),
        kid: 'k',
      }
      expect((await add(name, ...pinned, '--key', file('jwk', JSON.stringify(jwk)))).out).toContain(
        'Replaced',
      )
      const secret = file(`${name}.key`, String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
      const token = await outOf('tokens', 'sign', 'kim', '--for', name, '--with', secret, '--key-id', 'k')
      expect(await outOf('tokens', 'verify', token)).toContain(`by the verifier ${name}`)
      const refused = await add('private', ...pinned, '--key', secret)
      expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('holds a private key')])
    }
  })

  it.each([
    [
      'a weak secret',
      ['x', ...pinned, '--secret-file', 'weak'],
      'secret: It must have at least 32 characters',
    ],
    ['a known secret', ['x', ...pinned, '--secret-file', 'known'], 'looks like an example'],
    [
      'a private address',
      ['x', ...pinned, '--jwks', 'https://169.254.169.254/keys', '--algorithm', 'ES256'],
      'not on the public internet',
    ],
    [
      'plain http',
      ['x', ...pinned, '--jwks', 'http://login.example/keys', '--algorithm', 'ES256'],
      'https: only',
    ],
    [
      'HS256 for a key set',
      ['x', ...pinned, '--jwks', 'https://login.example/keys', '--algorithm', 'HS256'],
      'algorithm: HS256 goes with a secret',
    ],
    ['two ways at once', ['x', ...pinned, '--generate', '--secret-file', 'weak'], 'Say one of'],
    ['a name that is none', ['a b', ...pinned, '--generate'], 'name: It must be'],
  ])('refuses %s', async (_what, words, said) => {
    const secrets = { weak: 'short', known: 'super-secret-jwt-token-with-at-least-32-characters-long' }
    for (const [name, secret] of Object.entries(secrets)) file(name, secret)
    const { code, err } = await add(...words.map((word) => (word in secrets ? join(dir, word) : word)))
    expect(code).toBeGreaterThan(0)
    expect(err).toContain(said)
  })

  it('removes one at once, or after a while', async () => {
    expect((await run('tokens', 'remove', 'nobody')).err).toContain('There is no verifier "nobody"')
    expect((await run('tokens', 'remove', 'web', '--after', 'soon')).err).toContain('--after is a time')
    expect((await run('tokens', 'remove', 'web', '--after', '24h')).out).toContain('takes tokens until 20')
    expect((await run('tokens', 'remove', 'web')).out).toContain('Removed the verifier web')
    expect((await run('tokens', 'list')).out).not.toContain('web')
  })
})
