/** What the doctor says of flags and experiments, worst first. */
import { describe, expect, it } from 'vitest'
import { type ConfigState, judgeConfig } from './judge-config.ts'

const flag = { type: 'boolean', value: false, revision: 1 }
const state = (more: Partial<ConfigState> = {}): ConfigState => ({
  project: 'shop',
  environment: 'production',
  number: 4,
  definition: { flags: { checkout: flag }, experiments: {} },
  refused: null,
  failures: {},
  ...more,
})
const said = (more: Partial<ConfigState>) => {
  const { name, status, detail } = judgeConfig(state(more))
  return `${name}: ${status}: ${detail}`
}

describe('the config of an environment', () => {
  it('fails while it has a mistake in force, and names the first', () => {
    const definition = {
      flags: { checkout: { ...flag, value: 'yes' }, old: { ...flag, mood: 1 } },
      experiments: {},
    }
    const check = judgeConfig(
      state({ definition, refused: { at: 0, actor: 'key:1', mistakes: [] }, failures: { a: 1 } }),
    )
    expect(check.status).toBe('fail')
    expect(check.detail).toMatch(
      /^number 4 is in force with a mistake.*flags\.checkout\.value .*\(and 1 more\)$/,
    )
    expect(check.fix).toContain('nunchi flags validate --project shop --environment production')
  })

  it('is worth a look when something was refused since, by whom and why', () => {
    const mistakes = [{ path: 'flags.a.rules.0', message: 'waits for itself.' }]
    expect(said({ refused: { at: Date.parse('2026-11-23T10:00:00Z'), actor: 'key:7', mistakes } })).toBe(
      'config of shop: warn: key:7 was refused at 2026-11-23T10:00:00.000Z: flags.a.rules.0 waits for itself; number 4 stays in force',
    )
  })

  it('is worth a look when exposures assign nobody, and says the commonest reason', () => {
    expect(
      said({
        environment: 'staging',
        number: 0,
        definition: null,
        failures: { malformed_exposure: 2, 'unknown_variant:price': 9 },
      }),
    ).toBe(
      'config of shop/staging: warn: 11 exposures or conversions of seven days assign nobody, most as unknown_variant:price',
    )
  })

  it('is well otherwise', () => {
    expect(said({})).toBe('config of shop: ok: number 4: 1 flags, 0 experiments')
  })
})
