/** What was done last on a page that leaves before it is on the disk: handed to the next page by localStorage. */
import type { Local } from '../page/local.ts'
import type { Known } from './history.ts'
import type { Who } from './visitor.ts'

/** What a page left behind, and whose it is. */
interface Left extends Who {
  done?: readonly Known[]
}

/** The most that is handed on, of all tabs together. */
const most = 20

const read = (local: Local): Left => Object(local.get('acted')) as Left

/** Leaves it behind; what another tab has left stays. */
export function leave(local: Local, who: Who, all: readonly Known[]): void {
  const before = read(local)
  const same = before.who === who.who && before.user === who.user && Array.isArray(before.done)
  local.set('acted', { ...who, done: [...(same ? before.done! : []), ...all.slice(-most)].slice(-most) })
}

/** Takes what was left for this visitor; what is another's goes. */
export function takeUp(local: Local, owns: (left: Who) => boolean): Known[] {
  const left = read(local)
  if (!left.who) return []
  local.set('acted')
  return owns(left) && Array.isArray(left.done) ? left.done.filter((one) => one?.item && one.at) : []
}
