/** The one build configuration of the workspace: each package's tsup.config.ts calls one of these. */
import { posix } from 'node:path'
import type { Options } from 'tsup'

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/** The oldest browsers that the packages of a page run in (Web Locks, `toWellFormed` and the like are tested for). */
const browsers = ['chrome80', 'firefox96', 'safari15.4']

const sources = ['**/*.{ts,tsx}', '!**/*.test.{ts,tsx}', '!**/*.setup.ts', '!**/{bench,test,fixtures}/**']

/**
 * Bundles nothing: each source file becomes one file, and its relative imports get the extension that
 * their files have there. tsup would otherwise inline the imports, and a page that takes one function
 * could not leave the rest out.
 */
function oneFilePerSource(): Plugin {
  return {
    name: 'one-file-per-source',
    setup(build) {
      const extension = build.initialOptions.format === 'cjs' ? '.cjs' : '.js'
      build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
        if (kind === 'entry-point') return
        return {
          path: path.startsWith('.') ? path.replace(/\.tsx?$/, extension) : path,
          external: true,
        }
      })
    },
  }
}

/**
 * A package of files for bundlers and runtimes. Declarations are made by tsc for all packages at once.
 *
 * @param formats what to make of each file: `.js` (esm), `.cjs` (cjs)
 * @param folders where the sources are
 * @param except files that are no part of the package, such as the script tag's
 */
export function library(
  formats: ('esm' | 'cjs')[],
  folders: string[] = ['src'],
  except: string[] = [],
): Options {
  return {
    entry: [
      ...folders.flatMap((folder) =>
        sources.map((glob) =>
          glob.startsWith('!') ? `!${posix.join(folder, glob.slice(1))}` : posix.join(folder, glob),
        ),
      ),
      ...except.map((path) => `!${path}`),
    ],
    format: formats,
    target: formats.includes('cjs') ? browsers : 'node22',
    outExtension: ({ format }) => ({ js: format === 'cjs' ? '.cjs' : '.js' }),
    esbuildPlugins: [oneFilePerSource()],
    // With splitting, "use client" would no longer be the first statement of a CommonJS file.
    splitting: false,
    esbuildOptions(options) {
      options.outbase = folders.length > 1 ? '.' : folders[0]!
    },
    treeshake: false,
    removeNodeProtocol: false,
    sourcemap: false,
    dts: false,
    // Configurations run side by side: whoever cleans deletes what the other wrote.
    clean: false,
    silent: true,
  }
}

/** The script tag: everything in one small file that runs by itself. */
export function scriptTag(entry: string, name: string): Options {
  return {
    entry: { [name]: entry },
    format: ['iife'],
    target: browsers,
    platform: 'browser',
    outExtension: () => ({ js: '.js' }),
    noExternal: [/.*/],
    minify: true,
    splitting: false,
    sourcemap: false,
    dts: false,
    clean: false,
    silent: true,
  }
}
