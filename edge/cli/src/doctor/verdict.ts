/** The three verdicts of a check. */
import type { Check } from '../check.ts'

/** In order. */
export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail })
/** Worth a look. */
export const warn = (name: string, detail: string, fix: string): Check => ({
  name,
  status: 'warn',
  detail,
  fix,
})
/** To be mended. */
export const fail = (name: string, detail: string, fix: string): Check => ({
  name,
  status: 'fail',
  detail,
  fix,
})
