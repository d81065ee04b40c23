/** `npm run check`: types and style, with what can be mended mended. */
import { runSteps } from '../lib/steps.ts'

const { failed } = runSteps([
  { name: 'style', command: ['biome', 'check', '--write', '.'] },
  { name: 'types', command: ['tsc', '-p', '.'] },
])
process.exitCode = failed.length > 0 ? 1 : 0
