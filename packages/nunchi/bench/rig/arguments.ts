/** Reads a bench's command line: `--name value` pairs. */

/**
 * The value of `--name`, or `fallback`.
 *
 * @param args as in `process.argv.slice(2)`
 */
export function argument(args: string[], name: string, fallback = ''): string {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? fallback : (args[at + 1] ?? fallback)
}

/** The comma-separated values of `--name` that are among `known`; all of `known` without it. */
export function choice<Name extends string>(args: string[], name: string, known: readonly Name[]): Name[] {
  const wanted = argument(args, name).split(',').filter(Boolean)
  const unknown = wanted.filter((one) => !(known as readonly string[]).includes(one))
  if (unknown.length)
    throw new Error(`--${name} does not know ${unknown.join(', ')}; it knows ${known.join(', ')}.`)
  return wanted.length ? known.filter((one) => wanted.includes(one)) : [...known]
}
