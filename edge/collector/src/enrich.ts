/** What the collector itself adds to a batch: whether a program, not a person, sent it. */
import type { Context } from '@nunchi/protocol'

/** A batch's context as stored. */
export interface EnrichedContext extends Context {
  /** Set where the User-Agent names a crawler, a monitor, a preview or an automated browser. Flagged, not refused. */
  bot?: true
}

// Programs that say so: the words that crawlers, monitors, previews and HTTP libraries put into their User-Agent.
const botAgent =
  /(?<!cu)bot\b|crawl|spider|slurp|scrap|headless|phantomjs|puppeteer|playwright|selenium|webdriver|lighthouse|pagespeed|gtmetrix|pingdom|uptime|monitor(?:ing|\/)|statuscake|preview|facebookexternalhit|whatsapp\/|embedly|mediapartners|feedfetcher|archiver|validator|httpunit|wget|libwww|python-|aiohttp|scrapy|okhttp|go-http-client|java\/|\bcurl\//i

/** Whether a User-Agent belongs to a program. An empty one does: every browser names itself. */
export function isBot(userAgent: string | undefined): boolean {
  return userAgent === undefined || userAgent.trim() === '' || botAgent.test(userAgent)
}

/** The context with what the collector knows. */
export function enrich(context: Context, userAgent: string | undefined, fromPage: boolean): EnrichedContext {
  return fromPage && isBot(userAgent) ? { ...context, bot: true } : context
}
