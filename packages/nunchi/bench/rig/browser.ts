/** The Chromium that benches measure in. */
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { chromiumArgs, chromiumHint, findChromium } from '../../../../scripts/lib/chromium.ts'

/** `window.sdk`, as every script of `sdks/` sets it. */
declare global {
  interface Window {
    sdk: { init(host: string, key: string): void; track(name: string, properties: object): unknown }
  }
}

/**
 * Launches it.
 *
 * @throws where there is none
 */
export function launch(): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error(`The bench needs a browser: ${chromiumHint}.`)
  // Some SDKs send nothing for robots; this one is to be taken for a person.
  const args = [...chromiumArgs, '--disable-blink-features=AutomationControlled']
  return chromium.launch({ executablePath, args })
}

/** A visitor with an empty profile. */
export function newVisitor(browser: Browser): Promise<BrowserContext> {
  const [major] = browser.version().split('.')
  return browser.newContext({
    userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`,
  })
}
