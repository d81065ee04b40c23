#!/usr/bin/env node
/** The program `nunchi`. */
import { main } from './main.ts'

process.exitCode = await main(process.argv.slice(2))
