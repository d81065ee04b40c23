/** Overrides of one tab: by the address, or by a tool; remembered for the tab's later pages. */
import type { Json, Overrides } from '@nunchi/protocol'

/** Under which name the tab remembers them. */
const name = 'nunchi.overrides'

/** Reads what the tab remembers. */
export function rememberedOverrides(): Overrides {
  try {
    return Object(JSON.parse(sessionStorage.getItem(name)!)) as Overrides
  } catch {
    // On a server, in a frame without storage, or not ours.
    return {}
  }
}

/** Remembers overrides for this tab; none where there are none. */
export function rememberOverrides(overrides?: Overrides): void {
  try {
    if (overrides) sessionStorage.setItem(name, JSON.stringify(overrides))
    else sessionStorage.removeItem(name)
  } catch {
    // Then for this page only.
  }
}

/** A flag's value as people type it: JSON, or a text as it is. */
function typed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

/**
 * Overrides with those of an address added: `?nunchi_flag.key=value` and `?nunchi_experiment.key=variant`; an empty
 * one is taken out. A value with markup in it is passed over.
 *
 * @returns nothing where the address has none
 */
export function linkedOverrides(search: string, before: Overrides): Overrides | undefined {
  let found = false
  const all = { flags: { ...before.flags }, experiments: { ...before.experiments } }
  for (const [parameter, text] of new URLSearchParams(search)) {
    const { 1: kind, 2: key = '' } = /^nunchi_(flag|experiment)\.(.+)/.exec(parameter) ?? []
    const part = kind === 'flag' ? all.flags : all.experiments
    const value = kind === 'flag' ? typed(text) : text
    // Anybody can write a link: what a page might take for markup or code is not taken from it.
    if (!kind || /<|\\"|script:/i.test(JSON.stringify(value))) continue
    found = true
    if (text) part[key] = value as string
    else delete part[key]
  }
  return found ? all : undefined
}
