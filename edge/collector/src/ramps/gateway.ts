/** The two ways to an environment's ramps: by a server key through the collector, and as the database's owner. */
import { unavailable } from '../failure.ts'
import { keyGateway, ownerGateway } from '../manage/gateway.ts'
import type { Gateway, Publication } from '../manage/publisher.ts'
import { Problem } from '../problem.ts'
import type { Storage } from '../storage/storage.ts'
import type { Metrics } from './plan.ts'
import type { Ramp, RampKind, RampPlan, RampReason } from './ramp.ts'

/** What begins with a publication. */
export interface NewRamp {
  id: string
  kind: RampKind
  key: string
  experiment: string
  revision: number
  plan: RampPlan
  coverage: number
  reason: RampReason
}

/** What came of beginning one. */
export type Begun = { number: number } | { conflict: number } | { open: true }

/** The way to an environment's ramps. */
export interface RampGateway {
  config: Gateway
  read(kind: RampKind, key: string): Promise<{ ramp: Ramp | null; metrics: Metrics }>
  start(publication: Publication, ramp: NewRamp): Promise<Begun>
  /** @returns the ramp, or the state that forbids it; null where there is none */
  move(
    kind: RampKind,
    key: string,
    to: 'running' | 'paused' | 'stopped',
    reason: RampReason,
  ): Promise<{ ramp: Ramp } | { state: string } | null>
}

type Answer = { error?: string; number?: number; state?: string; ramp?: Ramp }
type Call = <Result>(fn: string, args: object) => Promise<Result>

function gatewayOf(config: Gateway, call: Call, suffix: string): RampGateway {
  return {
    config,
    read: (kind, key) => call(`read_ramp${suffix}`, { kind, key }),
    async start(publication, ramp) {
      const { error, number = 0 } = await call<Answer>(`start_ramp${suffix}`, { ...publication, ramp })
      if (error === 'ramp_open') return { open: true }
      return error === undefined ? { number } : { conflict: number }
    },
    async move(kind, key, to, reason) {
      const {
        error,
        state = '',
        ramp,
      } = await call<Answer>(`set_ramp_state${suffix}`, { kind, key, to, reason })
      if (error === 'ramp_not_found') return null
      return ramp ? { ramp } : { state }
    },
  }
}

/** Project, environment and actor are the key's. */
export function keyRamps(storage: Storage, keyHash: string): RampGateway {
  const call: Call = async (fn, args) => {
    const answer = await storage.call(fn, { ...args, keyHash }).catch((error: unknown) => {
      throw unavailable(error, 2)
    })
    const { error } = (answer ?? {}) as Answer
    if (error === 'key_unknown' || error === 'key_not_allowed') throw new Problem(error)
    return answer as never
  }
  return gatewayOf(keyGateway(storage, keyHash), call, '_by_key')
}

/**
 * As the owner.
 *
 * @param actor who does it, as the audit log names them: `cli:kim`
 */
export function ownerRamps(
  owner: Storage,
  whose: { projectId: string; environment: string },
  actor: string,
): RampGateway {
  const call: Call = (fn, args) => owner.call(fn, { ...args, ...whose, actor })
  return gatewayOf(ownerGateway(owner, whose, actor), call, '')
}
