/** Plays a case, then its control, and says what became of both. */
import type { Case } from './case.ts'
import { startCluster } from './rig/cluster.ts'
import type { Balance } from './rig/ledger.ts'
import { smallDisk } from './rig/small-disk.ts'
import type { Without } from './rig/without.ts'
import { openWorld, type Rig } from './rig/world.ts'

/** One run of a case. */
export interface Outcome extends Balance {
  seconds: number
  /** Seconds from the end of the fault to the last row, where the case says when it ended. */
  recovery: number | undefined
  /** The longest that it had to wait for its rows, in ms. */
  waited: number
  /** Broken expectations, as sentences. */
  broken: string[]
  /** It could not be played to its end. */
  brokeOff: boolean
}

/** A case, its run, and that of its control. */
export interface Played {
  number: number
  name: string
  skipped?: string
  outcome?: Outcome
  control?: { name: string; outcome: Outcome }
}

const longest = 90_000
const patience = 40_000

/** A control is given more time than the case itself needed: what is not there by then is lost. */
const patienceOf = ({ waited }: Outcome): number => 2500 + waited * 1.25

/** Without what a run is played, and how long it may wait. */
interface Terms {
  patience: number
  without?: Without
}

/** Plays the case once. */
async function playOnce(rig: Rig, { run }: Case, { patience, without }: Terms): Promise<Outcome> {
  const world = await openWorld(rig, patience, without)
  const from = Date.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${longest / 1000} s.`)), longest)
  })
  try {
    let brokeOff = false
    await Promise.race([run(world), late]).catch((error: Error) => {
      brokeOff = true
      world.broken.push(`It broke off: ${error.message.split('\n')[0]}`)
    })
    const seconds = (Date.now() - from) / 1000
    await world.cluster.up()
    const balance = await world.ledger.balance()
    if (balance.accepted === 0 && !world.ledger.heard.length) world.broken.push('Nothing was accepted.')
    const { recovery, waited, broken } = world
    return { ...balance, seconds, recovery, waited, broken, brokeOff }
  } finally {
    clearTimeout(timer)
    await world.close()
  }
}

/** Plays it on a Postgres of its own, on a small disk. */
async function playOnSmallDisk(rig: Rig, one: Case, terms: Terms): Promise<Outcome> {
  const disk = smallDisk(320)
  const cluster = await startCluster(disk.folder)
  try {
    return await playOnce({ ...rig, cluster, disk: disk.folder }, one, terms)
  } finally {
    await cluster.stop()
    disk.remove()
  }
}

/** One case whose world cannot be made is no reason to throw away all others. */
const unplayed = (error: Error): Outcome => ({
  ...{ accepted: 0, stored: 0, lost: 0, duplicated: 0, reported: 0, seconds: 0, waited: 0 },
  recovery: undefined,
  broken: [`Its world could not be made: ${error.message.split('\n')[0]}`],
  brokeOff: true,
})

/** Plays the case and its control, unless this machine cannot. */
export async function play(rig: Rig, one: Case, withControl: boolean): Promise<Played> {
  const { number, name, control } = one
  const skipped = one.cannot?.()
  if (skipped) return { number, name, skipped }
  const where = one.smallDisk ? playOnSmallDisk : playOnce
  const once = (terms: Terms) => where(rig, one, terms).catch(unplayed)
  const outcome = await once({ patience })
  if (!control || !withControl) return { number, name, outcome }
  const terms = { patience: patienceOf(outcome), without: control.without }
  return { number, name, outcome, control: { name: control.name, outcome: await once(terms) } }
}
