/** What other programs may use of the CLI: the demo starts its collector with it. */
export { CliError, type CliErrorCode } from './cli-error.ts'
export { type Database, dataFolder } from './database/open.ts'
export { keyHash } from './keys.ts'
export { type LocalCollector, type LocalOptions, localCollector } from './local/collector.ts'
export { untilStopped } from './local/until-stopped.ts'
export { expectFreePort, explainPort, readPort } from './port.ts'
export { bold, dim, print } from './print.ts'
export { report } from './report.ts'
