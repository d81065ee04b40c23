/** Lets the shop wait for nunchi: by itself it does without after 300 ms, for good, and a slow machine needs longer. */
import type { BrowserContext } from 'playwright-core'

/**
 * Has the pages of a visitor wait a minute.
 *
 * @throws Error in the page's request, where the shop calls its patience otherwise
 */
export async function letItWait(visitor: BrowserContext): Promise<void> {
  await visitor.route('**/variants.js', async (route) => {
    const response = await route.fetch()
    const text = await response.text()
    const body = text.replace('patienceMs = 300', 'patienceMs = 60_000')
    if (body === text) throw new Error('variants.js calls its patience otherwise now; see letItWait()')
    await route.fulfill({ response, body })
  })
}
