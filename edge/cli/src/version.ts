/** This package's version, which is the SDK's and the collector's too: they are released together. */
import { readFileSync } from 'node:fs'

const file = new URL('../package.json', import.meta.url)

/** Such as `0.1.0`. */
export const version: string = (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
