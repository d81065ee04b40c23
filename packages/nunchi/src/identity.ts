/** Who the visitor is: an anonymous id of this device, and the person once one is named. */
import type { Local } from './page/local.ts'

/** The ids that every event carries. */
export interface Identity {
  anonymousId: string
  userId?: string
}

/** Reads and changes the visitor's ids; all tabs of the site share them. */
export interface Identities {
  current(): Identity
  /** Whether the id was made since this was last asked: the event at hand is its first one. */
  fresh(): boolean
  /** Names the person. */
  identify(userId: string): void
  /** Makes a new visitor: a device that another person uses now. */
  reset(): void
}

/** 128 random bits as hex: unguessable, because the anonymous id is its own proof. */
export const randomId = (): string =>
  crypto
    .getRandomValues(new Uint8Array(16))
    .reduce((text, byte) => text + (byte + 256).toString(16).slice(1), '')

/** Opens the visitor's ids. They are read anew each time: another tab may have signed in or out. */
export function openIdentity(local: Local): Identities {
  let made = false
  const create = (): Identity => {
    const identity = { anonymousId: randomId() }
    local.set('id', identity)
    made = true
    return identity
  }
  const current = () => {
    const identity = local.get<Identity>('id')
    return identity?.anonymousId ? identity : create()
  }
  return {
    current,
    fresh() {
      const was = made
      made = false
      return was
    },
    identify: (userId) => local.set('id', { ...current(), userId }),
    reset: create,
  }
}
