/** A worker process of its own, for tests that kill it: node kill-worker.ts DATABASE_URL; says `at work` once. */
import connect from 'postgres'
import { processQueue } from '../src/jobs/process.ts'
import { createLog } from '../src/log.ts'
import { postgres } from '../src/storage/postgres.ts'

const storage = postgres(connect(process.argv[2] ?? '', { max: 1, fetch_types: false, onnotice: () => {} }))
const log = createLog((line) => console.log(line), 'warn')
console.log('at work')
for (;;) {
  await processQueue(storage, log)
  await new Promise((resolve) => setTimeout(resolve, 5))
}
