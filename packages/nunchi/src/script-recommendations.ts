/** The script tag with everything in it: flags and experiments, and recommendations that the markup may declare. */
import { dataInPage } from './data-in-page.ts'
import { experiments, recommendations } from './index.ts'
import { declaredShelves } from './recommendations/declared-shelves.ts'
import { startTag } from './tag.ts'

startTag(({ config, timeout, pool, rerank }) => [
  experiments({
    bootstrap: dataInPage('config'),
    ...(config && { config }),
    ...(timeout && { timeout: +timeout }),
  }),
  recommendations({
    bootstrap: dataInPage('recommended'),
    ...(pool && { pool: +pool }),
    rerank: rerank !== 'off',
  }),
  declaredShelves(),
])
