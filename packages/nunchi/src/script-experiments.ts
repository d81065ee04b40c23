/** The script tag with flags and experiments in it, for pages that decide before they are painted. */
import { experiments } from './index.ts'
import { startTag } from './tag.ts'

/** The config that stands in the page as a block of data: no policy has to let it run. */
function configInPage(): never | undefined {
  const block = document.querySelector('script[data-nunchi-config]')
  try {
    return block ? (JSON.parse(block.textContent) as never) : undefined
  } catch {
    // Half of a page: then the config that the device has, or the collector.
    return
  }
}

startTag(({ config, timeout }) => [
  experiments({
    bootstrap: configInPage(),
    ...(config && { config }),
    ...(timeout && { timeout: +timeout }),
  }),
])
