/** The seam of a case: its number, what it plays, and which protection its control takes out. */
import type { Without } from './rig/without.ts'
import type { World } from './rig/world.ts'

/** One way in which things go wrong. */
export interface Case {
  /** Its number in the reliability list. */
  number: number
  name: string
  /** Plays it. What must hold besides the account is said by `world.expect()`. */
  run(world: World): Promise<void>
  /** The same again without a protection: it must lose, double, or break an expectation. */
  control?: { name: string; without: Without }
  /** Neighbours with the same name are played at one time, because all of them mostly wait. */
  together?: string
  /** Plays on a Postgres of its own whose disk is small, at `world.disk`. */
  smallDisk?: boolean
  /** Why it cannot be played on this machine. */
  cannot?(): string | undefined
}
