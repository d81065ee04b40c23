/** Pages in the background whose process the system ends. */
import type { BrowserContext } from 'playwright-core'
import type { Case } from '../case.ts'

/** Ends the processes of all pages of the browser; nothing is told to them. */
async function killPages(context: BrowserContext): Promise<void> {
  const devtools = await context.browser()!.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  for (const { type, id } of processInfo) if (type === 'renderer') process.kill(id, 'SIGKILL')
}

export const discarded: Case = {
  number: 12,
  name: 'the page is frozen in the middle of a delivery, then its process is killed',
  async run(world) {
    const { again } = await world.mortal()
    const visitor = await again()
    const tab = await visitor.open()
    world.edge.fate = () => ({ request: 'held' })
    await tab.track(50)
    await world.until(() => world.edge.exchanges.length > 0)
    const devtools = await visitor.context.newCDPSession(tab.page)
    await devtools.send('Page.enable')
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
    const gone = tab.page.waitForEvent('crash')
    await killPages(visitor.context)
    await gone
    // The browser itself notices a moment later.
    await world.sleep(500)
    world.edge.fate = () => undefined
    world.heal()
    await visitor.open()
    await world.settle()
  },
  control: { name: 'no write-ahead', without: { page: 'disk' } },
}
