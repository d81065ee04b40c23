/** How this package becomes JavaScript: files for bundlers, and one for the script tag. */
import type { Options } from 'tsup'
import { library, scriptTag } from '../../scripts/lib/build-config.ts'

const config: Options[] = [
  library(['esm', 'cjs'], ['src'], ['src/script.ts']),
  scriptTag('src/script.ts', 'nunchi.global'),
]

export default config
