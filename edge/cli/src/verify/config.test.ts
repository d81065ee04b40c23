/** Whether flags reach pages: collectors in order, switched off, and behind proxies that hold things back. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createKey } from '@nunchi/protocol'
import { afterEach, expect, it } from 'vitest'
import { checkConfig } from './config.ts'

let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function said(
  answer: RequestListener,
  { kind = 'pub' as 'pub' | 'srv', patience = 5_000 } = {},
): Promise<string[]> {
  server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const checks: string[] = []
  for await (const { name, status, detail } of checkConfig({ url, key: createKey(kind) }, patience))
    checks.push(`${name} ${status}: ${detail}`)
  return checks
}
const config = '{"version":"v7","flags":{},"experiments":{}}'
/** A collector whose stream does as `stream` says. */
const collector =
  (stream: RequestListener): RequestListener =>
  (request, answer) =>
    request.url?.startsWith('/v1/config/stream') ? stream(request, answer) : answer.end(config)
const problem =
  (status: number, code: string): RequestListener =>
  (_, answer) =>
    answer.writeHead(status).end(JSON.stringify({ code, detail: 'Why.', fix: 'So.' }))

it('a proxy that holds the stream back is found, and so is one that cuts it off', async () => {
  expect(
    await said(
      collector((_, answer) => answer.writeHead(200).flushHeaders()),
      { patience: 50 },
    ),
  ).toEqual(['config ok: version v7', 'stream fail: nothing arrived within 0.05 s'])
  server.closeAllConnections()
  server.close()
  const [, cut] = await said(collector((_, answer) => answer.end('retry: 3000\n')))
  expect(cut).toBe('stream fail: could not be asked: the stream ended without a version')
})

it('something that is no collector, and a key that is unknown, fail; nothing more is asked then', async () => {
  expect(await said((_, answer) => answer.writeHead(500).end('<h1>'))).toEqual([
    'config fail: 500, and not an answer of a nunchi collector',
  ])
  server.close()
  expect(await said(problem(401, 'key_unknown'))).toEqual(['config fail: 401 key_unknown: Why.'])
})

it('a key that may not read the config is worth a word, and no failure', async () => {
  expect(await said(problem(403, 'key_not_allowed'), { kind: 'srv' })).toEqual([
    'config warn: 403 key_not_allowed: Why.',
  ])
})

it('a collector without flags, one without streams, and one with both are in order', async () => {
  expect(await said(problem(404, 'not_found'))).toEqual([
    'config ok: flags and experiments are not served here',
  ])
  server.close()
  const [, none] = await said(collector((_, answer) => answer.writeHead(204).end()))
  expect(none).toBe('stream ok: none on this runtime: pages ask each minute')
  server.close()
  const asked: (string | undefined)[] = []
  const both = await said(
    collector((request, answer) => {
      asked.push(request.headers.authorization)
      answer.write('retry: 3000\nevent: con')
      answer.write('fig\ndata: v7\n\n')
    }),
    { kind: 'srv' },
  )
  expect(both).toEqual(['config ok: version v7', 'stream ok: a visible page hears of a new version'])
  expect(asked).toEqual([expect.stringMatching(/^Bearer nk_srv_/)])
})
