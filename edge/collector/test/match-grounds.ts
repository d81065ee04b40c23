/** A collector with people who may be matched: each asks with a token of their own. */
import type { Matches } from '@nunchi/protocol'
import { expect } from 'vitest'
import { matchPeople } from '../src/jobs/match.ts'
import { createLog } from '../src/log.ts'
import { type TokenGrounds, tokenGrounds } from './security/token-grounds.ts'

interface Sent {
  as?: string | undefined
  body?: unknown
  headers?: Record<string, string>
  on?: TokenGrounds['collector']
}

/** Somebody's profile. */
export interface Somebody {
  id: string
  tags?: string[]
  attributes?: object
  [more: string]: unknown
}

/** What the tests hold. */
export interface MatchGrounds extends TokenGrounds {
  /** A server key that may do everything. */
  server: string
  send(method: string, path: string, sent?: Sent): Promise<Response>
  /** As a person with their own token. */
  by(sub: string, method: string, path: string, body?: unknown, more?: Sent): Promise<Response>
  list(sub: string, query?: string): Promise<Matches>
  ids(sub: string, query?: string): Promise<string[]>
  decide(sub: string, id: string, yes: boolean): Promise<Response>
  block(sub: string, id: string): Promise<Response>
  /** The job. */
  run(): Promise<boolean>
  put(...people: Somebody[]): Promise<void>
  /** Puts people who all take part. */
  join(...people: (Somebody | string)[]): Promise<void>
  /** Forgets everybody. */
  clear(): Promise<void>
}

/** Makes them. */
export async function matchGrounds(): Promise<MatchGrounds> {
  const at = await tokenGrounds()
  const server = await at.addKey(at.projectId, 'srv')

  const send: MatchGrounds['send'] = async (
    method,
    path,
    { as, body, headers = {}, on = at.collector } = {},
  ) => {
    const authorization = as === undefined ? {} : { authorization: `Bearer ${as}` }
    const key = as?.startsWith('nk_') ? '' : `${path.includes('?') ? '&' : '?'}key=${at.key}`
    return on.fetch(
      new Request(`https://collector.example/v1/${path}${key}`, {
        method,
        headers: { ...authorization, ...headers } as Record<string, string>,
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    )
  }
  const by: MatchGrounds['by'] = async (sub, method, path, body, more = {}) =>
    send(method, path, { as: await at.good(sub), ...(body !== undefined && { body }), ...more })
  const list: MatchGrounds['list'] = async (sub, query = '') => {
    const answer = await by(sub, 'GET', `matches${query}`)
    expect(answer.status).toBe(200)
    return (await answer.json()) as Matches
  }
  const put: MatchGrounds['put'] = async (...people) => {
    const items = people.map((one) => ({ type: 'person', title: `Name of ${one.id}`, ...one }))
    const answer = await send('PUT', 'items', { as: server, body: { items } })
    expect(await answer.json()).toMatchObject({ rejected: [] })
  }
  return {
    ...at,
    server,
    send,
    by,
    list,
    put,
    ids: async (sub, query = '') => (await list(sub, query)).matches.map(({ id }) => id).sort(),
    decide: (sub, id, yes) => by(sub, 'PUT', `matches/decisions/${encodeURIComponent(id)}`, { yes }),
    block: (sub, id) => by(sub, 'PUT', `matches/blocks/${encodeURIComponent(id)}`),
    run: () =>
      matchPeople(
        at.storage,
        createLog(() => {}, 'error'),
      ),
    async join(...people) {
      const all = people.map((one) => (typeof one === 'string' ? { id: one } : one))
      await put(...all)
      for (const { id } of all)
        expect((await by(id, 'PUT', 'matches/me', { consent: true })).status).toBe(200)
    },
    async clear() {
      for (const table of ['consents', 'blocks', 'decisions', 'candidates', 'runs'])
        await at.rows(`delete from nunchi.match_${table}`)
      await at.rows('delete from nunchi.items')
    },
  }
}
