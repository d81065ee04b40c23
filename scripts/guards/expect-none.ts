/** Fails a guard's test with the guard's own sentences, one a line. */

/** @throws an error that lists the sentences, where there are any */
export function expectNone(sentences: string[]): void {
  if (sentences.length > 0) throw new Error(`\n${sentences.map((one) => `  • ${one}`).join('\n')}\n`)
}
