/** The way in: says what is missing in one sentence, installs once, and passes on arguments, codes and Ctrl-C. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let root = ''
let bin = ''
const children: ChildProcess[] = []

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
const calls = () =>
  existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : []

/** Puts a program into the PATH in npx's place. */
function npx(script: string): void {
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, 'npx'), 0o755)
}

interface Setting {
  /** What Node says that it is. */
  version?: string
  env?: NodeJS.ProcessEnv
  path?: string
}

function line({ version, env = {}, path }: Setting, args: string[]) {
  const pretend = `Object.defineProperty(process,'version',{value:'${version}'})`
  return {
    args: [
      ...(version ? ['--import', `data:text/javascript,${pretend}`] : []),
      join(root, 'scripts/run.mjs'),
      ...args,
    ],
    env: {
      ...process.env,
      CI: '',
      NODE_V8_COVERAGE: '',
      ...env,
      PATH: path ?? `${bin}${delimiter}${process.env['PATH']}`,
    },
  }
}

/** Runs the way in to its end. */
function run(args: string[], setting: Setting = {}) {
  const made = line(setting, args)
  const done = spawnSync(process.execPath, made.args, { encoding: 'utf8', env: made.env })
  return { code: done.status, out: done.stdout, error: done.stderr }
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nunchi run '))
  bin = join(root, 'bin')
  mkdirSync(bin)
  mkdirSync(join(root, 'scripts'))
  cpSync(join(import.meta.dirname, 'run.mjs'), join(root, 'scripts/run.mjs'))
  write('package.json', '{ "type": "module", "packageManager": "pnpm@12.21.0" }')
  write('packages/a/package.json', '{ "name": "a" }')
  write('pnpm-workspace.yaml', '')
  write('pnpm-lock.yaml', '')
  write(
    'scripts/tasks/say.ts',
    "const text: string = process.argv.slice(2).join('|')\nconsole.log('said', text)\n",
  )
  write('scripts/tasks/fail.ts', 'process.exitCode = 7\n')
  npx(`echo "$@" >> '${root}/calls'; mkdir -p '${root}/node_modules'`)
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

describe('what cannot work gets one sentence', () => {
  it('an old Node', () => {
    const { code, error } = run(['say'], { version: 'v18.20.0' })
    expect([code, error.trim()]).toEqual([
      1,
      'This is Node v18.20.0; nunchi needs Node 20 or newer. Install it from nodejs.org and run the command again.',
    ])
    expect(calls()).toEqual([])
  })

  it('a Node that cannot run TypeScript, where nunchi brings none', () => {
    const { code, error } = run(['say'], { version: 'v22.17.1' })
    expect([code, error]).toEqual([
      1,
      expect.stringContaining('needs Node 22.18 or newer, and this is v22.17.1'),
    ])
  })

  it.each(['nope', '../run', 'tasks/say'])('the unknown command %s', (task) => {
    expect(run([task])).toMatchObject({
      code: 1,
      error: expect.stringContaining(`There is no command "${task}"`),
    })
  })

  it('a machine without npm', () => {
    const { code, error } = run(['say'], { path: join(root, 'empty') })
    expect([code, error]).toEqual([
      1,
      expect.stringContaining('There is no npx beside this Node. Install npm'),
    ])
  })

  it('a registry that cannot be reached, after what npm says about it; the next start tries again', () => {
    npx('echo "npm error code ENOTFOUND" >&2; exit 1')
    const { code, error } = run(['say'])
    expect([code, error]).toEqual([
      1,
      expect.stringMatching(/ENOTFOUND[\s\S]*The installation failed; the lines above/),
    ])
    npx(`mkdir -p '${root}/node_modules'`)
    expect(run(['say', 'a']).out).toContain('said a')
  })

  it('the Node that nunchi brings, where it does not run', () => {
    const own = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`)
    mkdirSync(dirname(own), { recursive: true })
    writeFileSync(own, '#!/bin/sh\nexit 127\n')
    chmodSync(own, 0o755)
    expect(run(['say'])).toMatchObject({
      code: 1,
      error: expect.stringContaining('does not run on this system'),
    })
  })
})

describe('installing', () => {
  it('is done once, with the pinned pnpm and the lockfile', () => {
    run(['say'])
    run(['say'])
    expect(calls()).toEqual([expect.stringMatching(/pnpm@12\.21\.0 install --frozen-lockfile/)])
  })

  it.each([
    ['package.json', '{ "type": "module", "packageManager": "pnpm@12.21.0", "x": 1 }'],
    ['packages/a/package.json', '{ "name": "a", "x": 1 }'],
    ['edge/new/package.json', '{}'],
    ['pnpm-lock.yaml', '# x'],
    ['pnpm-workspace.yaml', '# x'],
  ])('is done again after a change of %s', (path, text) => {
    run(['say'])
    write(path, text)
    run(['say'])
    expect(calls()).toHaveLength(2)
  })

  it('is done again where a package lost its node_modules', () => {
    write('packages/a/package.json', '{ "dependencies": { "b": "1" } }')
    run(['say'])
    run(['say'])
    expect(calls()).toHaveLength(2)
  })

  it('keeps the registry and proxy of the user, not what npm says about itself', () => {
    npx(`env > '${root}/seen'; mkdir -p '${root}/node_modules'`)
    run(['say'], {
      env: {
        npm_config_registry: 'https://npm.example',
        npm_config_proxy: 'http://proxy.example',
        npm_config_prefix: '/usr',
        npm_config_user_agent: 'npm/11',
        npm_lifecycle_event: 'start',
        npm_package_name: 'x',
      },
    })
    const seen = readFileSync(join(root, 'seen'), 'utf8')
    expect(seen).toMatch(/npm_config_registry=https:\/\/npm\.example\n/)
    expect(seen).toMatch(/npm_config_proxy=/)
    expect(seen).not.toMatch(/npm_config_(prefix|user_agent)|npm_lifecycle|npm_package/)
  })
})

describe('a command', () => {
  it('gets its arguments as they are, also with spaces, in a folder with spaces', () => {
    expect(run(['say', 'a b', '--json', "it's"]).out).toContain("said a b|--json|it's\n")
  })

  it('gives its exit code on', () => expect(run(['fail']).code).toBe(7))
})

describe.skipIf(process.platform === 'win32')('a server', () => {
  const server = `
import { appendFileSync } from 'node:fs'
const log = (text: string) => appendFileSync(new URL('../../log', import.meta.url), text + '\\n')
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    log(signal)
    setTimeout(() => { log('drained'); process.exit(3) }, 300)
  })
process.on('disconnect', () => log('alone'))
setInterval(() => {}, 1000)
log('pid ' + process.pid)
`
  const log = () =>
    existsSync(join(root, 'log')) ? readFileSync(join(root, 'log'), 'utf8').trim().split('\n') : []

  async function start(): Promise<{ child: ChildProcess; exit: Promise<number | null> }> {
    write('scripts/tasks/start.ts', server)
    const made = line({}, ['start'])
    const child = spawn(process.execPath, made.args, { env: made.env, stdio: 'ignore', detached: true })
    children.push(child)
    const exit = new Promise<number | null>((resolve) => child.on('exit', resolve))
    await expect.poll(log, { timeout: 30_000 }).toHaveLength(1)
    return { child, exit }
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('hears %s, drains, and its exit code is ours', async (signal) => {
    const { child, exit } = await start()
    child.kill(signal)
    expect(await exit).toBe(3)
    expect(log().slice(1)).toEqual([signal, 'drained'])
  })

  it('hears one Ctrl-C once, however often the terminal and npm pass it on', async () => {
    const { child, exit } = await start()
    process.kill(-child.pid!, 'SIGINT')
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect(await exit).toBe(3)
    expect(log().slice(1)).toEqual(['SIGINT', 'drained'])
  })

  it('is told to stop when npm was, whose shell ends without a word to us', async () => {
    write('scripts/tasks/start.ts', server)
    const made = line({ env: { npm_lifecycle_event: 'start' } }, ['start'])
    const quoted = [process.execPath, ...made.args].map((text) => `'${text}'`).join(' ')
    const shell = spawn('sh', ['-c', `${quoted}; true`], { env: made.env, stdio: 'ignore' })
    children.push(shell)
    await expect.poll(log, { timeout: 30_000 }).toHaveLength(1)
    shell.kill('SIGTERM')
    await expect.poll(log, { timeout: 30_000 }).toContain('drained')
  })

  it('notices when we are killed', async () => {
    const { child } = await start()
    child.kill('SIGKILL')
    await expect.poll(log).toContain('alone')
    process.kill(Number(log()[0]!.slice(4)), 'SIGKILL')
  })
})
