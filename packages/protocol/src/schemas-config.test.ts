import { describe, expect, it } from 'vitest'
import experiments from '../vectors/experiments.json' with { type: 'json' }
import flags from '../vectors/flags.json' with { type: 'json' }
import { publish } from './publish.ts'
import { configDefinitionSchema, configSchema, experimentSchema, flagSchema } from './schemas.ts'

describe('the schemas of a config', () => {
  it('take every experiment and flag of the vectors', () => {
    for (const { experiment } of experiments)
      expect(experimentSchema.safeParse(experiment).error).toBeUndefined()
    for (const { kind, flags: all } of flags)
      if (kind !== 'newer version') expect(flagSchema.safeParse(all.flag).error).toBeUndefined()
  })

  it('take what people manage and what is published of it, and no misspelt field', () => {
    const definition = {
      flags: { a: { type: 'boolean', value: true, revision: 1, createdBy: 'me' } as const },
      experiments: {},
      groups: { staff: ['u1'] },
    }
    expect(configDefinitionSchema.parse(definition)).toEqual(definition)
    const config = publish(definition)
    expect(configSchema.parse(config)).toEqual(config)
    expect(configSchema.safeParse({ ...config, flag: {} }).success).toBe(false)
    expect(
      configSchema.safeParse({ ...config, flags: { a: { ...definition.flags.a, value: undefined } } })
        .success,
    ).toBe(false)
  })
})
