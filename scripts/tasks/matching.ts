/** `npm run example:matching`: serves the page on which people find people like them, until Ctrl-C. */
import { matchingExample } from '../../examples/matching/serve.ts'
import { leash } from '../lib/leash.ts'

leash()
process.exitCode = await matchingExample()
