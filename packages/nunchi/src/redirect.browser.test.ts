import { describe, expect, it } from 'vitest'
import { consent } from './plugins/consent.ts'
import { experiments } from './plugins/experiments.ts'
import { redirect } from './redirect.ts'
import { createTestClient } from './testing.ts'

/** A client whose visitors are all sent to what `configuration` says. */
function open(configuration: unknown, plugins: [] | [ReturnType<typeof consent>] = []) {
  const landing = {
    status: 'running' as const,
    revision: 1,
    variants: [
      { key: 'a', weight: 0, isControl: true },
      { key: 'b', weight: 1_000_000, configuration: configuration as never },
    ],
  }
  const bootstrap = { version: 'v1', flags: {}, experiments: { landing } }
  return createTestClient({ use: [...plugins, experiments({ bootstrap, config: false })] })
}
async function follow(client: ReturnType<typeof open>) {
  const went: string[] = []
  const gone = await redirect(client, 'landing', { go: (url) => went.push(url) })
  return { gone, went }
}

describe('a redirect', () => {
  it.each(['/landing-b', { url: '/landing-b' }])(
    'goes where the configuration %j says, once the exposure is stored',
    async (configuration) => {
      const client = open(configuration)
      const stages: string[] = []
      client.on((stage) => {
        stages.push(stage)
      })
      const went: string[] = []
      const go = (url: string) => went.push(`${stages} ${url}`)
      expect(await redirect(client, 'landing', { go })).toBe(true)
      expect(went).toEqual([expect.stringMatching(/^event,stored.* http.*\/landing-b/)])
    },
  )

  it('takes query and fragment along, and lets those of its own address win', async () => {
    history.replaceState(null, '', '?utm_source=mail&x=1#top')
    const { went } = await follow(open('/landing-b?x=2'))
    expect(went).toEqual([`${location.origin}/landing-b?x=2&utm_source=mail#top`])
    history.replaceState(null, '', location.pathname)
  })

  it('does not go where it is already, and exposes there all the same', async () => {
    const client = open(location.pathname)
    expect(await follow(client)).toEqual({ gone: false, went: [] })
    expect(client.events.map(({ name }) => name)).toEqual(['Experiment Viewed'])
  })

  it.each([null, '', 7, {}, { url: 3 }, 'http://%'])('does not go to %j', async (configuration) => {
    expect(await follow(open(configuration))).toEqual({ gone: false, went: [] })
  })

  it('goes all the same where nothing can be stored', async () => {
    const client = createTestClient({
      use: [experiments({ config: false, overrides: { experiments: { landing: 'b' } } })],
    })
    expect(await redirect(client, 'landing')).toBe(false)
    const stuck = open('/landing-b')
    const hanging = { ...stuck, on: () => () => {}, experiment: stuck.experiment }
    expect(await follow(hanging as never)).toMatchObject({ gone: true })
  })

  it('leaves everybody where they are until they agree: the next page would be another visitor’s', async () => {
    const client = open('/landing-b', [consent()])
    expect(await follow(client)).toEqual({ gone: false, went: [] })
    expect(client.events).toEqual([])
  })
})
