/** What the collector itself adds to a batch's context: from where and by what kind of device it was sent. */
import type { Context } from '@nunchi/protocol'
import { type Agent, agents } from './enrich/agent.ts'
import { countryCode, countryOf } from './enrich/country.ts'
import { networkOf } from './enrich/network.ts'
import type { RequestContext } from './env.ts'
import type { Options } from './options.ts'

/** A batch's context as stored. */
export interface EnrichedContext extends Context, Partial<Agent> {
  /** ISO 3166 alpha-2. */
  country?: string
  /** The sender's network, `/24` or `/48`; never the whole address. */
  ip?: string
}

/** What is known of the visitor: by the request where it came from the visitor's own browser, else by the message. */
export interface Visitor {
  userAgent?: string | undefined
  /** The whole address; it goes no further than this. */
  ip?: string | undefined
  country?: string | undefined
  /** The device of an app, which has no User-Agent. */
  agent?: Agent | undefined
}

/** Adds to contexts what is known of who sent them. */
export interface Enrich {
  /** Where the request itself is the visitor's. */
  page(context: Context, c: RequestContext, told?: Visitor): EnrichedContext
  /** Where a server speaks for its visitors: nothing of the request is theirs. */
  server(context: Context, told?: Visitor): EnrichedContext
}

const server: Agent = { deviceClass: 'server' }

/** Makes it, with a memory of its own for User-Agents. */
export function enriching({ country, ip }: Pick<Options, 'country' | 'ip'>): Enrich {
  const agentOf = agents()
  const platform = countryOf(country)

  function add(context: Context, agent: Agent, { ip: address, country: code }: Visitor): EnrichedContext {
    const network = ip === 'drop' || !address ? undefined : networkOf(address)
    const known = countryCode(code)
    return {
      ...context,
      ...agent,
      ...(known === undefined ? {} : { country: known }),
      ...(network === undefined ? {} : { ip: network }),
    }
  }

  return {
    page(context, c, told = {}) {
      const header = (name: string) => c.req.header(name)
      // A text that the message gives is not the one that these hints came with.
      const hints = told.userAgent
        ? {}
        : { mobile: header('sec-ch-ua-mobile'), platform: header('sec-ch-ua-platform') }
      return add(context, agentOf(told.userAgent ?? header('user-agent'), hints), {
        ip: c.get('address'),
        country: platform(header),
      })
    },
    server(context, told = {}) {
      const agent = told.agent ?? (told.userAgent ? agentOf(told.userAgent) : server)
      return add(context, agent, told)
    },
  }
}
