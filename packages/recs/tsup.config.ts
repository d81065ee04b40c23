/** How this package becomes JavaScript. */
import type { Options } from 'tsup'
import { library } from '../../scripts/lib/build-config.ts'

const config: Options = library(['esm', 'cjs'])

export default config
