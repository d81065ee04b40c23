/** The command line: help for every command, one sentence for every mistake, and exit codes that scripts can trust. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { cli } from '../test/in-process.ts'
import { nunchi } from '../test/running.ts'

beforeEach(() => {
  vi.stubEnv('DATABASE_URL', '')
  vi.stubEnv('NUNCHI_MIGRATE_URL', '')
})
afterAll(() => vi.unstubAllEnvs())

describe('help', () => {
  it.each([
    [[], /USAGE nunchi dev\|migrate\|keys\|doctor\|verify/],
    [['--help'], /prove a deployed collector/i],
    [['keys', '-h'], /USAGE nunchi keys create\|list\|revoke/],
    [['keys', 'create', '--help'], /--kind=<pub\|srv>/],
    [['migrate', 'down', '--help'], /--steps=<steps>.*\(Required\)/],
    [['verify', '--help'], /nunchi verify \[OPTIONS\] <URL> --key=<key>/],
    [['dev', '--help'], /--data=<data>.*\(Default: \.nunchi\)/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('nunchi %j', async (words, shown) => {
    expect(await cli(...words)).toEqual({ code: 0, err: '', out: expect.stringMatching(shown) })
  })
})

describe('a mistake gets one sentence and exit code 2', () => {
  it.each([
    [['frob'], 'Unknown command frob; --help shows the usage.'],
    [['keys'], 'No command specified; --help shows the usage.'],
    [['dev', '--prot', '4800'], 'There is no option --prot here; --help lists the options.'],
    [['doctor', 'now'], '"now" is one argument too many; --help shows the usage.'],
    [['dev', '--port', 'many'], '--port is "many"; it must be a number from 0 to 65535.'],
    [['dev', '--port', '70000'], '--port is "70000"; it must be a number from 0 to 65535.'],
    [['dev', '--data'], '--data needs a value; --help shows the usage.'],
    [['migrate', 'down'], 'Missing required argument: --steps; --help shows the usage.'],
    [['migrate', 'down', '--steps', '-1'], '--steps is "-1"; it must be a whole number from 1.'],
    [['keys', 'revoke'], 'Missing required positional argument: KEY; --help shows the usage.'],
    [
      ['keys', 'create', '--project', 'a', '--kind', 'both'],
      'Expected one of: pub, srv; --help shows the usage.',
    ],
    [['keys', 'create', '--project', 'a', '--scopes', 'x'], 'Scopes belong to server keys'],
    [
      ['keys', 'create', '--project', 'a', '--origins', 'https://a.example/shop'],
      '"https://a.example/shop" is not an origin; write scheme, host and port only',
    ],
    [['verify', 'events.example.com', '--key', 'k'], '"events.example.com" is not an address'],
    [
      ['verify', 'https://a.example', '--key', 'nk_pub_000000000000000000000000000000000000'],
      'The key has a typing error',
    ],
  ])('nunchi %j', async (words, sentence) => {
    const { code, err, out } = await cli(...words)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(sentence)
    expect(err.trim().split('\n'), 'no stack').toHaveLength(1)
  })
})

describe('the program itself', () => {
  it('ends with the code of main() and says why on standard error', async () => {
    const program = nunchi(['keys', 'list', '--data', '/nowhere/at/all'])
    expect(await program.code).toBe(1)
    expect(program.text()).toBe(
      '✗ There is no database in /nowhere/at/all; set DATABASE_URL, name its folder with --data DIR, or make one with: nunchi dev\n',
    )
  })

  it('does not break where its reader has seen enough: nunchi … | head -1', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'bin.ts'), '--help'], {
      env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
    expect({ code, said }).toEqual({ code: 0, said: '' })
  })
})
