/** `npm start`: builds the script tag, then serves the demo until Ctrl-C. */
import { demo } from '../../examples/script-tag/serve.ts'
import { ensureScriptTag } from '../lib/build.ts'
import { leash } from '../lib/leash.ts'

leash()
process.exitCode = await demo(async () => (await ensureScriptTag('nunchi-recommendations.global')).file)
