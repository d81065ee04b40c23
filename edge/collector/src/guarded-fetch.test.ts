/** The collector's own requests: where they may go, how often they are sent on, and when they are given up. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { nodeDial, nodeFetch } from '../deploy/node/dial.ts'
import {
  type Dial,
  type GuardedInit,
  guardedFetch,
  type Incoming,
  type OutgoingError,
} from './guarded-fetch.ts'
import { withDefaults } from './options.ts'
import { readAllowedHosts } from './outgoing/permitted-url.ts'

const limits: GuardedInit = { timeoutMs: 5_000, maxBytes: 1_000 }
const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => 'answered',
    ({ code, message }: OutgoingError) => `${code}: ${message}`,
  )

async function served(listener: RequestListener, host = '127.0.0.1', port = 0): Promise<[Server, number]> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return [server, (server.address() as AddressInfo).port]
}

/** A dial that connects to nothing: answers as told, and keeps what it was asked. */
function scripted(answers: { [url: string]: { status: number; location?: string; body?: string } }) {
  const asked: string[] = []
  const dial: Dial = async (url, { method, headers, body }) => {
    asked.push([method, url.href, ...Object.keys(headers), body].filter(Boolean).join(' '))
    const { status, location, body: text = '' } = answers[url.href] ?? { status: 404 }
    async function* pieces() {
      yield new TextEncoder().encode(text)
    }
    const answer: Incoming = {
      status,
      headers: new Headers(location ? { location } : {}),
      body: pieces(),
      cancel() {},
    }
    return answer
  }
  return { asked, fetch: guardedFetch({ dial }) }
}

const forbidden = [
  'http://127.0.0.1/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'http://169.254.169.254/latest/meta-data',
  'https://0x7f.1/',
  'https://2130706433/',
  'https://0177.0.0.1/',
  'https://localhost:8787/',
  'https://db.internal/',
  'https://a@api.example.com/',
  'https://a:b@api.example.com/',
  'file:///etc/passwd',
  'gopher://api.example.com/',
  'http://api.example.com/',
  'https://',
  'no url',
]

describe('security 62: an address that may not be called', () => {
  it.each(forbidden)(
    '%s is refused when it is saved and when it is called, and nothing goes out',
    async (url) => {
      const { asked, fetch } = scripted({})
      const resolve = vi.fn()
      const node = guardedFetch({ dial: nodeDial({ allow: [], resolve }) })
      const debugging = withDefaults({ production: false, logLevel: 'debug' }).fetch
      for (const one of [fetch, node, debugging]) {
        expect(await faultOf(one(url, limits))).toMatch(/^address_refused: .+\.$/)
        expect(await faultOf(one.check(url))).toMatch(/^address_refused/)
      }
      expect(asked).toEqual([])
      expect(resolve).not.toHaveBeenCalled()
    },
  )

  it('says what is wrong without repeating the password', async () => {
    const { fetch } = scripted({})
    const fault = await faultOf(fetch('https://me:hunter2@api.example.com/', limits))
    expect(fault).toContain('user name or a password')
    expect(fault).not.toContain('hunter2')
  })
})

describe('security 62: a redirect', () => {
  it.each([
    'http://169.254.169.254/',
    '//localhost/',
    'file:///etc/passwd',
    'https://a@b.example/',
    '\\\\[::1]\\',
    'http://api.example.com/plain',
  ])('to %s is not followed', async (location) => {
    const { asked, fetch } = scripted({ 'https://api.example.com/': { status: 302, location } })
    expect(await faultOf(fetch('https://api.example.com/', limits))).toMatch(/^address_refused/)
    expect(asked).toHaveLength(1)
  })

  it('is followed three times, and no fourth time', async () => {
    const hop = (n: number, status = 302) => ({ status, location: `/${n}` })
    const { fetch, asked } = scripted({
      'https://a.example/0': hop(1, 301),
      'https://a.example/1': hop(2, 307),
      'https://a.example/2': hop(3, 308),
      'https://a.example/3': { status: 200, body: 'here' },
      'https://a.example/-1': hop(0),
    })
    expect(await (await fetch('https://a.example/0', limits)).text()).toBe('here')
    expect(asked).toHaveLength(4)
    expect(await faultOf(fetch('https://a.example/-1', limits))).toContain('more than 3 times')
  })

  it('takes neither credentials nor what was sent to another host', async () => {
    const init = {
      ...limits,
      method: 'POST',
      body: 'mine',
      headers: { authorization: 'Bearer x', accept: 'a/b' },
    }
    const { fetch, asked } = scripted({
      'https://a.example/see': { status: 303, location: 'https://b.example/' },
      'https://a.example/keep': { status: 307, location: 'https://b.example/' },
    })
    expect((await fetch('https://a.example/see', init)).status).toBe(404)
    expect(asked).toEqual([
      'POST https://a.example/see authorization accept mine',
      'GET https://b.example/ accept',
    ])
    expect(await faultOf(fetch('https://a.example/keep', init))).toMatch(/^address_refused.*another host/)
  })
})

describe('security 62: a name, on Node', () => {
  const at = (...addresses: string[]) =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

  it('that leads to a private address is refused, also where another of its addresses is public', async () => {
    for (const addresses of [at('127.0.0.1'), at('8.8.8.8', '10.0.0.1'), at('2606:4700::1', '::1')]) {
      const fetch = guardedFetch({ dial: nodeDial({ allow: [], resolve: async () => addresses }) })
      expect(await faultOf(fetch('https://rebind.example/', limits))).toMatch(
        /^address_refused.*not on the public/,
      )
      expect(await faultOf(fetch.check('https://rebind.example/'))).toMatch(/^address_refused/)
    }
  })

  it('is connected to at the address that was checked, although a second answer names another', async () => {
    const [, port] = await served((_, answer) => answer.end('checked'), '127.0.0.2')
    const inside = vi.fn<RequestListener>((_, answer) => void answer.end('inside'))
    await served(inside, '127.0.0.1', port)
    const resolve = vi.fn(async () => (resolve.mock.calls.length === 1 ? at('127.0.0.2') : at('127.0.0.1')))
    // 127.0.0.2 stands for a public address here.
    const dial = nodeDial({ allow: [], resolve, permits: (address) => address === '127.0.0.2' })
    const url = `http://rebind.example:${port}/`
    const fetch = guardedFetch({ allow: [`rebind.example:${port}`], dial })
    expect(await (await fetch(url, limits)).text()).toBe('checked')
    expect(await faultOf(fetch(url, limits)), 'and each request is checked anew').toMatch(/^address_refused/)
    expect(inside).not.toHaveBeenCalled()
    expect(resolve).toHaveBeenCalledTimes(2)
  })

  it('is asked for by its name over TLS, at the address that was checked; without its certificate nothing is sent', async () => {
    const asked: string[] = []
    const server = createTlsServer({
      SNICallback(name, done) {
        asked.push(name)
        done(new Error('There is no certificate.'))
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const dial = nodeDial({ allow: [], resolve: async () => at('127.0.0.2'), permits: () => true })
    const fault = await faultOf(guardedFetch({ dial })(`https://api.example.com:${port}/`, limits))
    expect(fault).toMatch(/^unreachable: api\.example\.com/)
    expect(asked).toEqual(['api.example.com'])
  })

  it('that does not resolve may be saved, and fails when it is called', async () => {
    const fetch = guardedFetch({
      dial: nodeDial({ allow: [], resolve: () => Promise.reject(new Error('ENOTFOUND')) }),
    })
    await fetch.check('https://later.example/')
    expect(await faultOf(fetch('https://later.example/', limits))).toMatch(/^unreachable: later\.example/)
  })
})

describe('an endpoint of one’s own', () => {
  it('is called where it is allowed by host and port, and nothing beside it', async () => {
    const [, port] = await served((request, answer) =>
      answer.writeHead(201, { 'x-got': request.method! }).end('ours'),
    )
    const allow = readAllowedHosts(`127.0.0.1:${port}`)
    for (const fetch of [nodeFetch(allow), guardedFetch({ allow })]) {
      const answer = await fetch(`http://127.0.0.1:${port}/v1`, { ...limits, method: 'POST', body: '한국' })
      expect([answer.status, answer.headers.get('x-got'), await answer.text()]).toEqual([201, 'POST', 'ours'])
      await fetch.check(`http://127.0.0.1:${port}/v1`)
      expect(await faultOf(fetch(`http://127.0.0.1:${port + 1}/`, limits))).toMatch(/^address_refused/)
    }
  })

  it('is named as host:port, in any notation', () => {
    expect(readAllowedHosts(' ollama.internal:11434, [FD00::7]:8080,0x7f.1:80 ')).toEqual([
      'ollama.internal:11434',
      '[fd00::7]:8080',
      '127.0.0.1:80',
    ])
    for (const entry of ['ollama', 'http://a:1', 'a@b:1', '*:80', 'a:99999', 'a:1/x'])
      expect(() => readAllowedHosts(entry), entry).toThrow('is not host:port')
  })
})

describe.each([
  ['Node', nodeFetch],
  ['any runtime', (allow: string[]) => guardedFetch({ allow })],
])('an answer, on %s', (_, make) => {
  const asking = async (listener: RequestListener, init: Partial<GuardedInit> = {}) => {
    const [, port] = await served(listener)
    return faultOf(make([`127.0.0.1:${port}`])(`http://127.0.0.1:${port}/`, { ...limits, ...init }))
  }

  it('that never comes, or comes by drops, is given up', async () => {
    expect(await asking(() => {}, { timeoutMs: 30 })).toMatch(
      /^timeout: 127\.0\.0\.1:\d+ did not answer within 30 ms/,
    )
    const drip: RequestListener = (_, answer) =>
      void answer.writeHead(200, { 'content-length': '9' }).write('x')
    expect(await asking(drip, { timeoutMs: 30 })).toMatch(/^timeout/)
    expect(await asking(drip, { signal: AbortSignal.timeout(30) })).toMatch(/^unreachable/)
  })

  it('that is too large is not read to its end', async () => {
    expect(await asking((_, answer) => answer.end('x'.repeat(1_001)))).toMatch(/^too_large: .* 1000 bytes/)
    expect(await asking((_, answer) => answer.end('x'.repeat(1_000)))).toBe('answered')
  })

  it('that breaks off is no answer', async () => {
    const cut: RequestListener = (_, answer) => {
      answer.writeHead(200, { 'content-length': '100' }).write('half', () => answer.destroy())
    }
    expect(await asking(cut)).toMatch(/^unreachable: .* broke off/)
  })
})
