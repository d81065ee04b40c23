/** Bounds what a regular expression may cost, so that no config and no visitor can stop the process with one. */
import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 change to its engine without backtracking where a pattern goes back too often: `(a+)+$` then costs time in
 * proportion to the text. Patterns with lookaround or back references stay as they are. Known to Node; elsewhere
 * nothing happens.
 */
export function boundPatterns(): void {
  if (!process.versions['bun'])
    setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
}
