/** How this package becomes JavaScript: files for bundlers, and three for script tags. */
import type { Options } from 'tsup'
import { library, scriptTag } from '../../scripts/lib/build-config.ts'

const config: Options[] = [
  library(
    ['esm', 'cjs'],
    ['src'],
    ['src/script.ts', 'src/script-experiments.ts', 'src/script-recommendations.ts'],
  ),
  scriptTag('src/script.ts', 'nunchi.global'),
  scriptTag('src/script-experiments.ts', 'nunchi-experiments.global'),
  scriptTag('src/script-recommendations.ts', 'nunchi-recommendations.global'),
]

export default config
