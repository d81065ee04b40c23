/** The part of `verify` on flags: pages get the config, and hear of a new one without a proxy holding it back. */
import { keyKind, type ProblemBody } from '@nunchi/protocol'
import type { Check } from '../check.ts'
import type { Target } from './probe.ts'

function request({ url, key, origin }: Target, path: string, signal: AbortSignal): Promise<Response> {
  const server = keyKind(key) === 'srv'
  const headers = new Headers(server ? { authorization: `Bearer ${key}` } : {})
  if (origin) headers.set('origin', origin)
  const query = server ? '' : `?key=${encodeURIComponent(key)}`
  return fetch(`${url}${path}${query}`, { headers, signal, redirect: 'manual' })
}

/** What a refusal is worth: a part that is switched off, or a key that may not, is no fault of the deployment. */
async function refused(name: string, response: Response): Promise<Check> {
  const { code, detail, fix } = ((await response.json().catch(() => undefined)) ?? {}) as Partial<ProblemBody>
  if (code === 'not_found') return { name, status: 'ok', detail: 'flags and experiments are not served here' }
  const problem = {
    name,
    detail: code
      ? `${response.status} ${code}: ${detail}`
      : `${response.status}, and not an answer of a nunchi collector`,
  }
  if (code === 'key_not_allowed')
    return {
      ...problem,
      status: 'warn',
      fix: 'Name a public key, or a server key with the scope config:read, to look at flags too.',
    }
  return {
    ...problem,
    status: 'fail',
    fix: fix ?? 'Check that nothing before the collector rewrites its answers.',
  }
}

const broken = (name: string, error: unknown, patience: number): Check => ({
  name,
  status: 'fail',
  detail:
    (error as Error).name === 'AbortError'
      ? `nothing arrived within ${patience / 1000} s`
      : `could not be asked: ${(error as Error).message}`,
  fix: 'Let the proxy before the collector pass GET /v1/config/stream on as it comes: no buffering, no time limit below 30 s.',
})

/** Reads until the stream has told a version. */
async function firstVersion(response: Response): Promise<string | undefined> {
  const utf8 = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += utf8.decode(chunk, { stream: true })
    const [, version] = /^data: (\S+)\n/m.exec(text) ?? []
    if (version !== undefined) return version
  }
  return undefined
}

async function look(
  name: string,
  target: Target,
  path: string,
  patience: number,
  judge: (response: Response) => Promise<Check>,
): Promise<Check> {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), patience)
  try {
    const response = await request(target, path, abort.signal)
    return await (response.ok ? judge(response) : refused(name, response))
  } catch (error) {
    return broken(name, error, patience)
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
}

/**
 * Asks for the config and listens to its stream until that tells the version.
 *
 * @param patience how long an answer, or the first line of the stream, may take, in ms
 */
export async function* checkConfig(target: Target, patience: number = 10_000): AsyncGenerator<Check> {
  const config = await look('config', target, '/v1/config', patience, async (response) => {
    const { version } = (await response.json()) as { version?: string }
    return {
      name: 'config',
      status: 'ok',
      detail: version === 'none' ? 'nothing is published yet' : `version ${version}`,
    }
  })
  yield config
  if (config.status !== 'ok' || config.detail.includes('not served')) return
  yield await look('stream', target, '/v1/config/stream', patience, async (response) => {
    if (response.status === 204)
      return { name: 'stream', status: 'ok', detail: 'none on this runtime: pages ask each minute' }
    const version = await firstVersion(response)
    if (version === undefined) throw new Error('the stream ended without a version')
    return { name: 'stream', status: 'ok', detail: 'a visible page hears of a new version' }
  })
}
