/** A visitor of the bench: a browser profile, its tabs, and what they are made to do. */
import type { BrowserContext, Page } from 'playwright-core'
import type { Faults, StartOptions, Testimony, Tracked } from '../page/face.ts'

declare global {
  interface Window {
    faults: Faults
    second: Faults
  }
}

/** A tab with the SDK. */
export interface Tab {
  page: Page
  /** Tracks events, and enters those that are durable into the ledger. */
  track(count: number, options?: { prefix?: string; bytes?: number; noise?: boolean }): Promise<Tracked>
  /** Records exposures, and enters those that are durable into the ledger. */
  expose(count: number): Promise<Tracked>
  stream(ms: number, count?: number): Promise<void>
  halt(): Promise<void>
  clock(ms: number): Promise<void>
  /** Ends the tab's process as a crash does. */
  crash(): Promise<void>
  /** Closes the tab as its visitor would. */
  close(): Promise<void>
}

/** A visitor. */
export interface Visitor {
  context: BrowserContext
  /** Runs before each page's own scripts. */
  before(script: string): Promise<void>
  /** Opens a tab and makes its client. */
  open(options?: Partial<StartOptions>, path?: string): Promise<Tab>
  /** The tab that sent last. */
  sender?: Page
  /** What pages threw. */
  errors: string[]
  /** Warnings and errors on the console. */
  warnings: string[]
}

/** What a visitor needs of the case. */
export interface VisitorOptions {
  site: string
  defaults: StartOptions
  hear(testimony: Testimony): void
  accept(ids: string[]): void
}

function tabOf(page: Page, accept: VisitorOptions['accept']): Tab {
  return {
    page,
    async track(count, { prefix = 'event', bytes = 0, noise = false } = {}) {
      const tracked = await page.evaluate(
        ([prefix, count, bytes, noise]) => window.faults.track(prefix, count, bytes, noise),
        [prefix, count, bytes, noise] as const,
      )
      accept(tracked.durable)
      return tracked
    },
    async expose(count) {
      const tracked = await page.evaluate((count) => window.faults.expose(count), count)
      accept(tracked.durable)
      return tracked
    },
    stream: (ms, count = 1) =>
      page.evaluate(([ms, count]) => window.faults.stream(ms, count), [ms, count] as const),
    halt: () => page.evaluate(() => window.faults.halt()),
    clock: (ms) => page.evaluate((ms) => window.faults.clock(ms), ms),
    async crash() {
      const devtools = await page.context().newCDPSession(page)
      const crashed = page.waitForEvent('crash')
      // There is nobody left to answer.
      devtools.send('Page.crash').catch(() => {})
      await crashed
      // A crashed tab is closed by its visitor.
      page.close().catch(() => {})
    },
    close: () => page.close({ runBeforeUnload: true }),
  }
}

/** Makes a visitor of a browser's profile. */
export async function visitorOf(context: BrowserContext, options: VisitorOptions): Promise<Visitor> {
  const errors: string[] = []
  const warnings: string[] = []
  await context.exposeBinding('witness', ({ page }, testimony: Testimony) => {
    if (testimony.stage === 'sending') visitor.sender = page
    options.hear(testimony)
  })
  context.on('weberror', (error) => errors.push(error.error().message))
  context.on('console', (message) => {
    const ours = message.text().startsWith('nunchi')
    if (ours && /warning|error/.test(message.type())) warnings.push(message.text())
  })
  const visitor: Visitor = {
    context,
    errors,
    warnings,
    before: (content) => context.addInitScript({ content }).then(() => {}),
    async open(more = {}, path = '/') {
      const page = await context.newPage()
      await page.goto(options.site + path)
      await page.evaluate((given) => window.faults.start(given), { ...options.defaults, ...more })
      return tabOf(page, options.accept)
    },
  }
  return visitor
}
