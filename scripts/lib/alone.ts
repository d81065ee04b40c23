/** Which test files run one at a time: what drives a browser, a server under a clock, or another vendor's client. */

/**
 * Globs from the root. Whatever is in an `e2e` folder or has `.e2e.` in its name; and what stands directly in an example
 * or in `scripts`, which tests that whole.
 */
export const alone: readonly string[] = [
  '{packages,edge,examples,scripts}/**/*.e2e.test.{ts,tsx}',
  '{packages,edge,examples,scripts}/**/e2e/**/*.test.{ts,tsx}',
  'examples/*/*.test.{ts,tsx}',
  'scripts/*.test.{ts,tsx}',
]
