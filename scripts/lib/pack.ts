/** Packs the packages as they would be published, into a folder of tarballs. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** The environment of a tool started by hand: settings of the npm that runs us, and of our coverage, are not its own. */
export function plainEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_(config_(user_agent|prefix|local_prefix|global_prefix|json|yes)$|lifecycle_|package_)|^NODE_V8_COVERAGE$/i.test(
          name,
        ),
    ),
  )
}

/**
 * Runs a program to its end.
 *
 * @returns what it printed on stdout
 * @throws an error with all that it printed, where it fails
 */
export function run(program: string, args: string[], cwd: string): string {
  const done = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: plainEnv(),
    shell: process.platform === 'win32',
  })
  if (done.status !== 0)
    throw new Error(
      `${program} ${args.join(' ')} failed in ${cwd}:\n${done.error?.message ?? ''}\n${done.stdout}${done.stderr}`,
    )
  return done.stdout
}

/**
 * Packs one of our packages; `publishConfig` is applied, as it is when publishing.
 *
 * @returns the tarball's path
 */
export function packOurs(folder: string, into: string): string {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  const out = run('npx', ['--yes', packageManager, 'pack', '--pack-destination', into], join(root, folder))
  return out.match(/\S+\.tgz/)![0]
}

/** Packs an installed dependency, so that a project can install it without the registry. */
export function packTheirs(folder: string, into: string): string {
  const out = run('npm', ['pack', realpathSync(folder), '--pack-destination', into, '--ignore-scripts'], into)
  return join(into, out.trim().split('\n').at(-1)!)
}

/** The paths in a tarball, below its `package/`. */
export function tarballFiles(tarball: string): string[] {
  const listed = run('tar', ['-tzf', tarball], root)
  return listed
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''))
    .sort()
}

/** Unpacks a tarball's `package/` as `folder`. */
export function unpack(tarball: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  run('tar', ['-xzf', tarball, '-C', folder, '--strip-components', '1'], root)
}
