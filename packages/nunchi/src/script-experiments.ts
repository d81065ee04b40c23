/** The script tag with flags and experiments in it, for pages that decide before they are painted. */
import { dataInPage } from './data-in-page.ts'
import { experiments } from './index.ts'
import { startTag } from './tag.ts'

startTag(({ config, timeout }) => [
  experiments({
    bootstrap: dataInPage('config'),
    ...(config && { config }),
    ...(timeout && { timeout: +timeout }),
  }),
])
