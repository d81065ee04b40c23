/** Describes what was thrown, whatever it was: an error, a text, or nothing at all. */

/** Where and what, before anything is taken out of it. */
export interface Description {
  message: string
  name: string
  /** The script: its path, with the origin where that is not the page's; no query. */
  source?: string
  line?: number
  column?: number
  /** The frames alone, one a line, without the message and without queries. */
  stack?: string
}

/** Frames kept of a stack, and the length of a line that is looked at: what a page throws must not hold it up. */
const [mostFrames, mostLine] = [10, 2000]

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** An address without query and hash, and without the origin where it is the page's own. */
function placeOf(address: string): string {
  // What a data: address holds is the script itself.
  const plain = address.replace(/^data:.*|[?#].*$/s, (found) => (found.startsWith('data:') ? 'data:' : ''))
  const origin = globalThis.location?.origin
  return origin && plain.startsWith(`${origin}/`) ? plain.slice(origin.length) : plain
}

/** The lines of a stack that are frames: Chromium writes `at …:1:2`, the others `…@…:1:2`. */
function framesOf(stack: string): string[] {
  return stack
    .split('\n')
    .filter((line) => line.length < mostLine && /:\d+:\d+\)?$/.test(line) && /^\s*at |@/.test(line))
    .slice(0, mostFrames)
    .map((line) => line.trim().replace(/[?#][^\s)]*?(:\d+:\d+\)?)$/, '$1'))
}

/** The place that a frame names. */
function placeIn(frame: string | undefined): Pick<Description, 'source' | 'line' | 'column'> {
  const [, address, line, column] = /((?:[\w-]+:\/\/|\/)[^\s()]*):(\d+):(\d+)\)?$/.exec(frame ?? '') ?? []
  return address ? { source: placeOf(address), line: Number(line), column: Number(column) } : {}
}

/**
 * Describes a thrown value.
 *
 * @param event where the browser saw it, which a value that is no error does not know
 */
export function describeError(thrown: unknown, event?: ErrorEvent): Description {
  const error = (typeof thrown === 'object' && thrown ? thrown : {}) as { [key: string]: unknown }
  const frames = framesOf(text(error['stack']))
  const here = event?.filename
    ? { source: placeOf(event.filename), line: event.lineno, column: event.colno }
    : placeIn(frames[0])
  return {
    // An object that is no error may hold anything: its kind is told, not its contents.
    message:
      text(error['message']) ||
      (typeof thrown === 'object' || typeof thrown === 'function' ? '' : String(thrown ?? '')) ||
      text(event?.message) ||
      Object.prototype.toString.call(thrown),
    name:
      text(error['name']) || (typeof thrown === 'object' || thrown === undefined ? 'Error' : typeof thrown),
    ...here,
    ...(frames.length && { stack: frames.join('\n') }),
  }
}
