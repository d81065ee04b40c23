/** A config that a newer version wrote: what this one does not understand is passed over, and the rest is evaluated. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRiver, type River } from '../security/river.ts'

let river: River
beforeAll(async () => {
  river = await openRiver()
  const flag = { type: 'string', value: 'usual', revision: 1 }
  const kr = { country: 'KR' }
  const config = {
    version: 'fromtomorrow',
    zones: { eu: ['DE'] },
    experiments: {
      quantum: {
        status: 'running',
        revision: 1,
        entangled: true,
        variants: [
          { key: 'a', weight: 500_000, isControl: true },
          { key: 'b', weight: 500_000 },
        ],
      },
    },
    flags: {
      plain: { ...flag, value: 'plain' },
      // A rule that restricts by what is not known must not let in those whom it would keep out.
      moon: {
        ...flag,
        rules: [
          { id: 'moon', value: 'moon', moonPhase: 'full' },
          { id: 'kr', value: 'kr', condition: kr },
        ],
      },
      operator: { ...flag, rules: [{ id: 'near', value: 'near', condition: { place: { $near: 'Seoul' } } }] },
      test: { ...flag, rules: [{ id: 'test', experiment: 'quantum' }] },
      strange: { ...flag, mood: 'blue' },
    },
  }
  await river.rows(
    `insert into nunchi.config_versions (project_id, environment, number, version, definition, config, revisions, actor, reason)
      values ($1, 'production', 1, 'fromtomorrow', $2, $2, '{}', 'test', 'test')`,
    [river.projectId, config],
  )
})
afterAll(() => river?.close())

const ask = async (path = '') => {
  const response = await river.collector.fetch(
    new Request(`https://collector.example/ofrep/v1/evaluate/flags${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${river.key}` },
      body: JSON.stringify({ context: { targetingKey: 'a1', country: 'KR', place: 'Seoul' } }),
    }),
  )
  return { status: response.status, body: (await response.json()) as { flags?: object[] } }
}

describe('a config from a newer version', () => {
  it('is served to pages as it is', async () => {
    const response = await river.collector.fetch(
      new Request(`https://collector.example/v1/config?key=${river.key}`),
    )
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('moonPhase')
  })

  it('passes over rules and experiments that are not known, and never lets somebody in by them', async () => {
    expect(await ask('/plain')).toMatchObject({ status: 200, body: { value: 'plain' } })
    expect(await ask('/moon')).toMatchObject({ status: 200, body: { value: 'kr', variant: 'kr' } })
    expect(await ask('/operator')).toMatchObject({ status: 200, body: { value: 'usual' } })
    expect(await ask('/test')).toMatchObject({ status: 200, body: { value: 'usual' } })
  })

  it('answers for a flag that is itself unknown in kind: no value, so that the code’s own default holds', async () => {
    expect(await ask('/strange')).toMatchObject({
      status: 400,
      body: { key: 'strange', errorCode: 'GENERAL' },
    })
    const { status, body } = await ask()
    expect(status).toBe(200)
    expect(body.flags).toHaveLength(5)
    expect(body.flags).toContainEqual(expect.objectContaining({ key: 'strange', errorCode: 'GENERAL' }))
    expect(body.flags).toContainEqual(expect.objectContaining({ key: 'plain', value: 'plain' }))
  })
})
