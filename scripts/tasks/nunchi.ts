/** `npm run nunchi -- COMMAND`: the command line of this clone, under the workspace's own Node. */
import { leash } from '../lib/leash.ts'

leash()
await import('../../edge/cli/src/bin.ts')
