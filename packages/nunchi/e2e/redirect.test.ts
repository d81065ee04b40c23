import type { Config } from '@nunchi/protocol'
import { describe, expect, it } from 'vitest'
import type { Fate } from './fixtures/collector.ts'
import { modulePage } from './fixtures/site.ts'
import { eventually, openWorld } from './fixtures/world.ts'

const arms = ['stay', 'near', 'far'] as const
type Arm = (typeof arms)[number]

/** Everybody is in one arm, so that each is played as often as the others. */
function landing(arm: Arm, far: string): Config {
  const configurations = { stay: null, near: '/near', far }
  const variants = arms.map((key) => ({
    key,
    weight: key === arm ? 1_000_000 : 0,
    isControl: key === 'stay',
    configuration: configurations[key],
  }))
  return { version: 'v1', flags: {}, experiments: { landing: { status: 'running', revision: 1, variants } } }
}

/** How the collector behaves while visitors are redirected. */
const weathers: [name: string, fate: (before: number) => Fate | undefined][] = [
  ['fine', () => undefined],
  ['slow', () => ({ delay: 800 })],
  ['down at first', (before) => (before < 4 ? { status: 503 } : undefined)],
  ['losing its answers', (before) => (before % 2 ? { cut: true, record: true } : undefined)],
]

describe('a redirect test', () => {
  const world = openWorld()

  it.each(weathers)(
    'loses no exposure on any arm, and counts none twice, with the collector %s',
    async (_, fate) => {
      const { browser, collector, site } = world
      collector.fate = ({ before }) => fate(before)
      // One site under two names: the far arm is on another origin, with a store of its own.
      const elsewhere = site.url.replace('localhost', '127.0.0.1')
      const arrival = modulePage(collector.url, 'use: [experiments({ config: false })]')
      for (const path of ['/near', '/far']) site.put(path, arrival)
      const played = await Promise.all(
        arms.map(async (arm, i) => {
          const config = JSON.stringify(landing(arm, `${elsewhere}/far`))
          const options = `use: [experiments({ config: false, bootstrap: ${config} })]`
          site.put(`/start${i}`, modulePage(collector.url, options, "redirect(nunchi, 'landing')"))
          const visitor = await browser.newContext()
          const page = await visitor.newPage()
          await page.goto(`${site.url}/start${i}`, { waitUntil: 'commit' })
          await page.waitForURL(arm === 'stay' ? '**/start*' : `**/${arm}`)
          await page.waitForFunction(() => !!window.nunchi?.flush)
          await page.close()
          return { arm, visitor }
        }),
      )
      // Everybody comes back once: what is still on a device is sent.
      await Promise.all(
        played.map(async ({ visitor }) => {
          const page = await visitor.newPage()
          await page.goto(`${site.url}/near`)
        }),
      )
      const seen = () =>
        collector
          .events()
          .filter(({ name }) => name === 'Experiment Viewed')
          .map(({ properties }) => `${properties!['variant']}`)
          .toSorted()
      await eventually(seen).toEqual(arms.toSorted())
      await Promise.all(played.map(({ visitor }) => visitor.close()))
      expect(seen()).toEqual(arms.toSorted())
    },
  )
})
