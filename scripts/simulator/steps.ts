/** What happens in a life: one thing after another, as the seed says. */
import type { DatabaseMood } from './database.ts'
import type { DiskMood } from './device.ts'
import type { Life, OpenTab } from './life.ts'
import type { NetworkMood } from './network.ts'

const networks: NetworkMood[] = ['slow', 'lossy', 'down', 'portal', 'small', 'busy', 'doubling', 'erring']
const databases: DatabaseMood[] = ['refused', 'aborts', 'reply-lost', 'hangs', 'read-only']
const disks: DiskMood[] = ['broken', 'full', 'hangs']
const phases = ['leave', 'gone', 'show', 'restored', 'online'] as const
const hour = 3_600_000
const year = 365 * 24 * hour

type Happening = (life: Life, chosen: OpenTab) => void | Promise<void>

/** Each with its share of all steps. */
const happenings: [share: number, happening: Happening][] = [
  [
    40,
    (life, { tab }) => {
      for (let i = life.random.int(1, 12); i > 0; i--) life.track(tab)
    },
  ],
  [15, ({ clock, random }) => clock.pass(random.int(0, 20_000))],
  [
    10,
    ({ network, random, faults }) => {
      network.mood = random.chance(0.3) ? 'good' : random.pick(networks)
      faults.add(`network ${network.mood}`)
    },
  ],
  [
    7,
    ({ database, random, faults }) => {
      database.mood = random.chance(0.4) ? 'good' : random.pick(databases)
      faults.add(`database ${database.mood}`)
    },
  ],
  [
    5,
    ({ random, faults }, { device }) => {
      device.disk = random.chance(0.5) ? 'good' : random.pick(disks)
      faults.add(`disk ${device.disk}`)
    },
  ],
  [10, ({ random }, { tab }) => tab.phase(random.pick(phases))],
  [
    5,
    (life, chosen) => {
      life.tabs.splice(life.tabs.indexOf(chosen), 1)
      // A crash comes without a word; a tab that is closed is told.
      if (life.random.chance(0.5)) chosen.tab.phase('gone')
      chosen.tab.crash()
      life.faults.add('crash')
      life.open(chosen.device)
    },
  ],
  [3, (life) => life.open()],
  [3, (life) => life.restart()],
  [
    2,
    ({ random, faults }, { device }) => {
      device.skew = random.pick([0, hour, -hour, 10 * year, -10 * year])
      faults.add('clock')
    },
  ],
]

/** Lets one thing happen. */
export async function step(life: Life): Promise<void> {
  const { random, clock } = life
  let roll = random.int(1, 100)
  const [, happening] = happenings.find(([share]) => {
    roll -= share
    return roll <= 0
  })!
  await happening(life, random.pick(life.tabs))
  await clock.pass(random.int(0, 300))
}
