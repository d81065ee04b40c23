/** How an import goes on: rows, rows a second, how long still. */

/** A span of time as people say it. */
function spanText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

/**
 * The line.
 *
 * @param rows read since it was started
 * @param seconds since it was started
 * @param done the part of the source that is read, from 0 to 1, and where it was at the start; `undefined` where
 *   nobody knows
 */
export function progressLine(rows: number, seconds: number, done?: number): string {
  const rate = seconds > 0 ? Math.round(rows / seconds) : 0
  const line = `${rows} rows, ${rate} a second`
  if (done === undefined || done <= 0 || seconds <= 0) return line
  return `${line}, ${Math.floor(done * 100)} %, ${spanText((seconds / done) * (1 - done))} to go`
}

/** Says it about once a second on a terminal, every ten seconds elsewhere. */
export interface Progress {
  tell(rows: number, done: number | undefined): void
  end(): void
}

/** Makes one that writes to standard error, so that the output stays the command's own. */
export function progress(now: () => number = Date.now): Progress {
  const terminal = process.stderr.isTTY
  const started = now()
  let told = started
  return {
    tell(rows, done) {
      if (now() - told < (terminal ? 1_000 : 10_000)) return
      told = now()
      const line = progressLine(rows, (told - started) / 1000, done)
      process.stderr.write(terminal ? `\r${line}\u001b[K` : `${line}\n`)
    },
    end() {
      if (terminal && told !== started) process.stderr.write('\r\u001b[K')
    },
  }
}
