#!/usr/bin/env node
/** The program `nunchi`. */
import { main } from './main.ts'

// Whoever reads what we print may have seen enough (`| head -1`): what is under way is finished, and nothing breaks.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await main(process.argv.slice(2))
