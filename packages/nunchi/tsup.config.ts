/** How this package becomes JavaScript: files for bundlers, and two for script tags. */
import type { Options } from 'tsup'
import { library, scriptTag } from '../../scripts/lib/build-config.ts'

const config: Options[] = [
  library(['esm', 'cjs'], ['src'], ['src/script.ts', 'src/script-experiments.ts']),
  scriptTag('src/script.ts', 'nunchi.global'),
  scriptTag('src/script-experiments.ts', 'nunchi-experiments.global'),
]

export default config
