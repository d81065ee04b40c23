/** Which flags may be another for somebody, from one config to the next. */
import type { Config, Flag } from '@nunchi/protocol'

/** All that decides a flag: itself, the experiments of its rules, and the flags that it asks for first. */
function textOf({ flags, experiments }: Config, key: string, known = new Set<string>()): string {
  const flag: Flag | undefined = flags[key]
  if (!flag || known.has(key)) return key
  known.add(key)
  const used = (flag.rules ?? []).map(({ experiment = '' }) => experiments[experiment])
  const asked = [...(flag.rules ?? []), ...used].flatMap((one) => one?.prerequisites ?? [])
  return JSON.stringify([
    flag,
    used,
    asked.map((one) => textOf({ flags, experiments, version: '' }, one.flag, known)),
  ])
}

/** The keys of flags that came, went, or are decided otherwise. */
export function changedFlags(before: Config, after: Config): string[] {
  const keys = new Set([...Object.keys(before.flags), ...Object.keys(after.flags)])
  return [...keys].filter((key) => textOf(before, key) !== textOf(after, key))
}
