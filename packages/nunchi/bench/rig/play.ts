/** Plays one scenario with one SDK, and counts. */
import type { Browser } from 'playwright-core'
import { newVisitor } from './browser.ts'
import type { Scenario } from './scenarios.ts'
import type { Sdk } from './sdks.ts'
import { startSite } from './site.ts'
import type { Target } from './target.ts'
import { openWay } from './way.ts'

/** What came of it. */
export interface Outcome {
  /** Events that had arrived before the visitor came back. */
  atOnce: number
  /** Events that arrived in the end. */
  delivered: number
  /** Copies beyond the first: rows of the table, or in what a peer's server was sent. */
  duplicates: number
  /** Events that came again and were told from new ones by the collector. */
  again: number
}

/** Plays `scenario` against a target of its own, which is closed afterwards. */
export async function play(browser: Browser, sdk: Sdk, scenario: Scenario, target: Target): Promise<Outcome> {
  const way = await openWay(target.port, scenario.latency)
  const site = await startSite({ script: sdk.script, host: way.url, key: target.key })
  const visitor = await newVisitor(browser)
  const wanted: string[] = []
  const arrived = async () => {
    const seen = await target.seen()
    return wanted.filter((name) => seen.has(name)).length
  }
  let atOnce: number | undefined
  try {
    await scenario.play({
      visitor,
      site,
      way,
      mark() {
        wanted.push(`m${wanted.length}`)
        return `~${wanted.at(-1)}~`
      },
      expect: (marker) => wanted.push(marker.slice(1, -1)),
      async noteArrived() {
        atOnce = await arrived()
      },
    })
    const delivered = await arrived()
    const counts = [...(await target.seen())]
    // A visitor who comes back in two tabs tracks something new in each: those two may look alike.
    const copies = counts.filter(([name]) => name !== 'fresh').map(([, count]) => count - 1)
    const duplicates = copies.reduce((sum, more) => sum + more, 0)
    return { atOnce: atOnce ?? delivered, delivered, duplicates, again: await target.again() }
  } finally {
    await visitor.close()
    await site.close()
    await way.close()
    await target.close()
  }
}
