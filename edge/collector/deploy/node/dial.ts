/** One request from Node: its name is resolved once, every address is checked, and only those are connected to. */
import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, type RequestOptions, request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { type Dial, type GuardedFetch, guardedFetch, OutgoingError } from '../../src/guarded-fetch.ts'
import { hostAndPort } from '../../src/outgoing/permitted-url.ts'
import { isPublicAddress } from '../../src/outgoing/public-address.ts'

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>

/** What a dial stands on. */
export interface DialOptions {
  /** Hosts as `host:port` whose addresses are not checked. */
  allow: readonly string[]
  resolve?: Resolve
  /** Whether an address may be connected to. */
  permits?: (address: string) => boolean
}

const resolveAll: Resolve = (hostname) => lookup(hostname, { all: true })

type Callback = (error: null, address: string | LookupAddress[], family?: number) => void

/** Answers every question for the name with the addresses that were checked: a second look-up could say another. */
const pinned =
  (addresses: LookupAddress[]) => (_: string, options: { all?: boolean | undefined }, done: Callback) => {
    const [first] = addresses as [LookupAddress]
    if (options.all) done(null, addresses)
    else done(null, first.address, first.family)
  }

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string)
  return headers
}

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? requestTls : requestPlain
  return new Promise((resolve, reject) => {
    const sent = request(url, options, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}

/** Makes a dial for `guardedFetch`. Connections are not kept: each request is checked anew. */
export function nodeDial({ allow, resolve = resolveAll, permits = isPublicAddress }: DialOptions): Dial {
  async function addressesOf(url: URL): Promise<LookupAddress[]> {
    const addresses = await resolve(url.hostname.replace(/^\[|\]$/g, ''))
    const allowed = allow.includes(hostAndPort(url)) || addresses.every(({ address }) => permits(address))
    if (!allowed)
      throw new OutgoingError(
        'address_refused',
        `The host ${url.hostname} leads to an address that is not on the public internet.`,
      )
    if (addresses.length === 0)
      throw new OutgoingError('unreachable', `The host ${url.hostname} has no address.`)
    return addresses
  }
  const dial: Dial = async (url, { method, headers, body, signal }) => {
    const addresses = await unlessAborted(addressesOf(url), signal)
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const answer = await send(
      url,
      { method, headers: { ...headers, ...length }, signal, agent: false, lookup: pinned(addresses) },
      body,
    )
    return {
      status: answer.statusCode ?? 0,
      headers: headersOf(answer),
      body: answer,
      cancel: () => void answer.destroy(),
    }
  }
  const check = async (url: URL): Promise<void> => {
    await addressesOf(url).catch((error: unknown) => {
      if (error instanceof OutgoingError && error.code === 'address_refused') throw error
    })
  }
  return Object.assign(dial, { check })
}

/** The guarded fetch of Node. `allow` as in `GuardedFetchOptions`. */
export function nodeFetch(allow: readonly string[] = []): GuardedFetch {
  return guardedFetch({ allow, dial: nodeDial({ allow }) })
}
