/** The values in force whatever the config says: the site's, and over them this tab's. */
import type { Overrides } from '@nunchi/protocol'
import { linkedOverrides, rememberedOverrides, rememberOverrides } from './link.ts'

/** Overrides, as they are now. */
export interface Overriding {
  current(): Required<Overrides>
  /** Sets this tab's in place of those before; without any, removes them. */
  set(overrides?: Overrides): void
}

/**
 * Opens the overrides.
 *
 * @param own the site's
 * @param search the address's query, where it may override
 */
export function openOverrides(own: Overrides | undefined, search: string): Overriding {
  let tabs = rememberedOverrides()
  const merge = (): Required<Overrides> => ({
    flags: { ...own?.flags, ...tabs.flags },
    experiments: { ...own?.experiments, ...tabs.experiments },
  })
  let current = merge()
  const set = (next?: Overrides) => {
    tabs = next ?? {}
    rememberOverrides(next)
    current = merge()
  }
  const linked = linkedOverrides(search, tabs)
  if (linked) set(linked)
  return { current: () => current, set }
}
