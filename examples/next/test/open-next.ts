/** Builds the example with nunchi as it is published, and serves it, as `next build` and `next start` do. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt } from '../../../scripts/lib/build.ts'
import { packOurs, plainEnv, run, unpack } from '../../../scripts/lib/pack.ts'

const example = join(import.meta.dirname, '..')
const root = join(example, '../..')
const place = join(root, 'node_modules/.cache/nunchi/example-next')
const stamp = join(place, '.installed')
const lock = join(import.meta.dirname, 'package-lock.json')

/** The example's own dependencies; nunchi itself comes from its tarball. */
function manifest(): string {
  const { dependencies, ...rest } = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'))
  const { nunchi: _, ...others } = dependencies as { [name: string]: string }
  return JSON.stringify({ ...rest, dependencies: others }, null, 2)
}

const print = (): string => createHash('sha256').update(manifest()).update(readFileSync(lock)).digest('hex')

/** Why the example is not tried here; nothing where it is. */
export function whyNot(): string | undefined {
  const { CI, NUNCHI_NEXT } = process.env
  const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === print()
  return CI === 'true' || NUNCHI_NEXT || installed
    ? undefined
    : 'Next.js is 370 MB, so only CI installs it: set NUNCHI_NEXT=1 to have it installed once and the example tried here, too'
}

function install(): void {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === print()) return
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'package.json'), manifest())
  copyFileSync(lock, join(place, 'package-lock.json'))
  // Not ci: some registries lack the compilers of other systems, which nobody needs here.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'], place)
  writeFileSync(stamp, print())
}

/** Puts nunchi there as npm would: from tarballs. */
function installOurs(): void {
  ensureBuilt()
  const modules = join(place, 'node_modules')
  const scratch = mkdtempSync(join(tmpdir(), 'nunchi-next-'))
  for (const [folder, name] of [
    ['packages/protocol', '@nunchi/protocol'],
    ['packages/nunchi', 'nunchi'],
  ] as const) {
    rmSync(join(modules, name), { recursive: true, force: true })
    unpack(packOurs(folder, scratch), join(modules, name))
  }
  for (const name of ['idb-keyval', 'web-vitals'])
    cpSync(realpathSync(join(root, 'packages/nunchi/node_modules', name)), join(modules, name), {
      recursive: true,
    })
  rmSync(scratch, { recursive: true, force: true })
}

/** A running site. */
export interface OpenNext {
  url: string
  /** What the server printed. */
  said(): string
  close(): Promise<void>
}

/**
 * Installs, builds and starts it.
 *
 * @throws Error with what Next printed, where it stops instead
 */
export async function openNext(env: { [name: string]: string }): Promise<OpenNext> {
  install()
  installOurs()
  for (const one of ['app', 'proxy.ts', 'next.config.ts', 'tsconfig.json']) {
    rmSync(join(place, one), { recursive: true, force: true })
    cpSync(join(example, one), join(place, one), { recursive: true })
  }
  const next = join(place, 'node_modules/next/dist/bin/next')
  const settings = {
    cwd: place,
    env: { ...plainEnv(), ...env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' },
  }
  const built = spawnSync(process.execPath, [next, 'build'], { ...settings, encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`next build failed:\n${built.stdout}${built.stderr}`)

  const child: ChildProcess = spawn(process.execPath, [next, 'start', '-p', '0', '-H', '127.0.0.1'], {
    ...settings,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let said = ''
  const port = await new Promise<string>((open, failed) => {
    const listen = (text: Buffer) => {
      said += text
      const [, port] = /http:\/\/[\w.]+:(\d+)/.exec(said) ?? []
      if (port && /Ready/.test(said)) open(port)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', () => failed(new Error(`next start stopped:\n${said}`)))
  })
  return {
    url: `http://localhost:${port}`,
    said: () => said,
    async close() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
