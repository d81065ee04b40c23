/** `npm run size`: what each import costs a page, beside its ceiling. */
import { ceilings, measure, readable, sizeFaults } from '../lib/sizes.ts'

const rows = await Promise.all(ceilings.map(measure))
const wide = Math.max(...rows.map(({ name, take = '' }) => name.length + take.length)) + 2
console.log(`\n  ${'brotli'.padStart(8)}  ${'ceiling'.padStart(8)}  import`)
for (const row of rows) {
  const label = row.take ? `${row.name}  ${row.take}` : `${row.name}  ${row.tag ?? 'nunchi.global'}.js`
  const mark = sizeFaults(row).length > 0 ? '✗' : ' '
  console.log(
    `${mark} ${readable(row.actual).padStart(8)}  ${readable(row.bytes).padStart(8)}  ${label.padEnd(wide)}`,
  )
}
const faults = rows.flatMap(sizeFaults)
for (const sentence of faults) console.error(`\n${sentence}`)
process.exitCode = faults.length > 0 ? 1 : 0
