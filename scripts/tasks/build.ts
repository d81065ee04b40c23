/** `npm run build`: every package into its dist, and the script tag's integrity for pages that pin it. */
import { buildAll, builtPackages } from '../lib/build.ts'

const { integrity, brotli } = buildAll()
console.log(`Built ${builtPackages().join(', ')}.`)
console.log(`\nThe script tag is ${brotli} bytes (brotli). Its integrity:\n\n  ${integrity}\n`)
