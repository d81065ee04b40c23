/** The one build configuration of the workspace: each package's tsup.config.ts calls one of these. */
import { posix } from 'node:path'
import { minifySync } from 'rolldown/utils'
import type { Options } from 'tsup'

type EsbuildPlugin = NonNullable<Options['esbuildPlugins']>[number]
type OutputPlugin = NonNullable<Options['plugins']>[number]

/** The oldest browsers that the packages of a page run in (Web Locks, `toWellFormed` and the like are tested for). */
const browsers = ['chrome80', 'firefox96', 'safari15.4']

/**
 * What those browsers do by themselves, though esbuild thinks otherwise. Chrome 80 to 90 have `?.` but for a call with a
 * spread argument that is not the last one; `brokenSpreads()` finds such a call, and a test lets none in.
 */
const supported = { 'optional-chain': true }

const sources = ['**/*.{ts,tsx}', '!**/*.test.{ts,tsx}', '!**/*.setup.ts', '!**/{bench,test,fixtures}/**']

/**
 * Bundles nothing: each source file becomes one file, and its relative imports get the extension that
 * their files have there. tsup would otherwise inline the imports, and a page that takes one function
 * could not leave the rest out.
 */
function oneFilePerSource(): EsbuildPlugin {
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
      options.supported = supported
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

/**
 * Names variables anew, by how often each letter occurs: esbuild’s names compress worse by 3 to 4 %. Nothing else is
 * changed, so that what is sent is what esbuild made of the sources.
 */
function shortNames(): OutputPlugin {
  const hex = (one: string) => one.charCodeAt(0).toString(16).padStart(4, '0')
  return {
    name: 'short-names',
    renderChunk(text, { path }) {
      const { code, errors } = minifySync(path, text, { compress: false, mangle: { toplevel: true } })
      if (errors.length) throw new Error(`${path}: ${errors[0]!.message}`)
      // ASCII, as esbuild writes it: a page of another encoding than UTF-8 reads it alike.
      return { code: code.replace(/[^\0-\x7f]/g, (one) => `\\u${hex(one)}`) }
    },
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
    esbuildOptions(options) {
      options.supported = supported
    },
    plugins: [shortNames()],
    splitting: false,
    sourcemap: false,
    dts: false,
    clean: false,
    silent: true,
  }
}
