/** A config for tests: a flag of each kind, and an experiment that everybody is in. */
import type { Config, Variant } from '@nunchi/protocol'

/** A config with a flag of each kind, and an experiment that everybody is in. */
export function someConfig(more: Partial<Config> = {}): Config {
  return {
    version: 'v1',
    flags: {
      dark: { type: 'boolean', value: true, revision: 1 },
      limit: { type: 'number', value: 3, revision: 1 },
      layout: {
        type: 'json',
        value: { columns: 1 },
        revision: 1,
        rules: [{ id: 'by-test', experiment: 'card-layout' }],
      },
      empty: { type: 'json', value: null, revision: 1 },
    },
    experiments: {
      'card-layout': {
        status: 'running',
        revision: 2,
        variants: [
          { key: 'control', weight: 500_000, isControl: true, configuration: { columns: 2 } },
          { key: 'grid', weight: 500_000, configuration: { columns: 4 } },
        ],
      },
      old: { status: 'completed', revision: 1, winner: 'b', variants: variants('a', 'b') },
    },
    ...more,
  }
}

/** Variants with equal shares; the first is the control. */
export function variants(...keys: string[]): Variant[] {
  return keys.map((key, i) => ({ key, weight: 1_000_000 / keys.length, isControl: !i }))
}
