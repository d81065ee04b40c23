/** What each import costs a page: its ceiling, and what must not come along. Measured by size-limit. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// @ts-expect-error It ships no types; size-limit's own say what it takes it for.
import preset from '@size-limit/preset-small-lib'
import sizeLimit from 'size-limit'
import { ensureScriptTag, type TagName } from './build.ts'

const root = join(import.meta.dirname, '../..')
const sdk = 'packages/nunchi/src/index.ts'
const protocol = 'packages/protocol/src/index.ts'

/** One use of a package, as a page would write it. */
export interface Ceiling {
  /** What the README and the table call it. */
  name: string
  /** The module imported; the script tag has none. */
  from?: string
  /** The names imported, such as `{ createNunchi }`. */
  take?: string
  /** Which script tag, where it is not the plain one. */
  tag?: TagName
  /** The most bytes that may be sent for it: bundled, minified, brotli. */
  bytes: number
  /** Texts that survive minification, each standing for code that this use has no need of. */
  absent: string[]
}

/** Sentences of the development build, validation, and code for other runtimes: never in a production page. */
const never = ['nunchi.dev/docs', 'ZodError', 'node:', 'process.']

/** What only the core has need of. */
const core = ['indexedDB', 'sendBeacon']

/**
 * Measured needs with a little air: a ceiling is lowered with every saving, and raised only with a reason in the
 * commit. The goal for the core is 4000 bytes; correctness goes first.
 */
export const ceilings: Ceiling[] = [
  { name: 'core', from: sdk, take: '{ createNunchi }', bytes: 6300, absent: [...never, 'pushState'] },
  {
    name: 'page-views',
    from: sdk,
    take: '{ pageViews }',
    bytes: 1000,
    absent: [...never, 'indexedDB', 'sendBeacon'],
  },
  {
    name: 'engagement',
    from: sdk,
    take: '{ engagement }',
    bytes: 1750,
    absent: [...never, ...core, 'pushState', 'web-vitals', 'data-nunchi-prop'],
  },
  {
    name: 'clicks',
    from: sdk,
    take: '{ clicks }',
    bytes: 1260,
    absent: [...never, ...core, 'pushState', 'web-vitals', 'ResizeObserver'],
  },
  {
    name: 'consent',
    from: sdk,
    take: '{ consent }',
    bytes: 520,
    absent: [...never, 'indexedDB', 'sendBeacon'],
  },
  { name: 'errors', from: sdk, take: '{ errors }', bytes: 1400, absent: [...never, ...core, 'nunchi_id'] },
  { name: 'feedback', from: sdk, take: '{ feedback }', bytes: 600, absent: [...never, ...core, 'nunchi_id'] },
  { name: 'vitals', from: sdk, take: '{ vitals }', bytes: 3250, absent: [...never, ...core, 'nunchi_id'] },
  { name: 'mirror', from: sdk, take: '{ mirror }', bytes: 1100, absent: [...never, ...core, 'web-vitals'] },
  { name: 'redact', from: sdk, take: '{ redact }', bytes: 820, absent: [...never, ...core, 'pushState'] },
  { name: 'sampling', from: sdk, take: '{ sampling }', bytes: 480, absent: [...never, ...core, 'pushState'] },
  { name: 'debug', from: sdk, take: '{ debug }', bytes: 1080, absent: [...never, ...core, 'pushState'] },
  // Types only: a production page asks no schema anything.
  {
    name: 'define-events',
    from: sdk,
    take: '{ defineEvents }',
    bytes: 80,
    absent: [...never, ...core, '~standard', 'validate'],
  },
  {
    name: 'experiments',
    from: sdk,
    take: '{ experiments }',
    bytes: 5650,
    absent: [...never, ...core, 'web-vitals', '$regex', '$elemMatch', '2166136261'],
  },
  {
    name: 'recommendations',
    from: sdk,
    take: '{ recommendations }',
    bytes: 6350,
    absent: [...never, 'sendBeacon', 'web-vitals', 'murmur', 'Because you looked', 'data-nunchi'],
  },
  { name: 'redirect', from: sdk, take: '{ redirect }', bytes: 400, absent: [...never, ...core, 'murmur'] },
  // The goal is 2500 more than the core, which the evaluator alone is; what keeps, refreshes and exposes is as much again.
  {
    name: 'core-and-experiments',
    from: sdk,
    take: '{ createNunchi, experiments }',
    bytes: 11_450,
    absent: never,
  },
  {
    name: 'id-cookie',
    from: sdk,
    take: '{ idCookie }',
    bytes: 480,
    absent: [...never, ...core, 'pushState', 'Experiment Viewed'],
  },
  // With the core and experiments(), without React itself.
  {
    name: 'react',
    from: 'packages/nunchi/src/react/index.ts',
    take: '{ NunchiProvider, useExperiment, useFlag, useTrack }',
    bytes: 13_200,
    absent: [...never, 'pushState', 'web-vitals', '$elemMatch'],
  },
  {
    name: 'openfeature',
    from: 'packages/nunchi/src/openfeature/index.ts',
    take: '{ nunchiProvider }',
    bytes: 1800,
    // Types of the SDK only, and nothing of the evaluator: both are there already.
    absent: [...never, ...core, 'OpenFeature', 'murmur', '$nin', 'hashVersion'],
  },
  { name: 'uuidv7', from: protocol, take: '{ uuidv7 }', bytes: 250, absent: [...never, 'nk_', '1048576'] },
  // Flags and experiments without what only GrowthBook's users and servers need.
  {
    name: 'evaluate',
    from: protocol,
    take: '{ compile, evaluateExperiment, evaluateFlag }',
    bytes: 2600,
    absent: [...never, '$elemMatch', '$veq', 'searchParams', '16777619', 'hypothesis'],
  },
  // Both of the dashboard's: a kernel that keeps its digits, and the plainest test with its interval.
  {
    name: 'distributions',
    from: 'packages/stats/src/distributions.ts',
    take: '{ normalSf, normalQuantile, tSf, tIsf, chiSquareSf, betaCdf, betaQuantile, binomialSf }',
    bytes: 1500,
    absent: [...never, 'no-units'],
  },
  { name: 'script-tag', bytes: 12_330, absent: [...never, 'nunchi_flag'] },
  {
    name: 'script-tag-with-experiments',
    tag: 'nunchi-experiments.global',
    bytes: 17_450,
    absent: [...never, 'Recommendation Viewed'],
  },
  // The goal is 12 kB; the durable core, experiments and vitals are more than that already.
  {
    name: 'script-tag-with-recommendations',
    tag: 'nunchi-recommendations.global',
    bytes: 23_800,
    absent: never,
  },
]

/** A ceiling with what was measured. */
export interface Measured extends Ceiling {
  actual: number
  /** The bundle's text, minified. */
  text: string
}

async function bundle(from: string, take: string): Promise<{ actual: number; text: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-size-'))
  const saveBundle = join(folder, 'bundle')
  try {
    const module = join(root, from)
    const [result] = (await sizeLimit(preset, {
      cwd: root,
      saveBundle,
      // What a package is for, its users have.
      checks: [{ files: [module], import: { [module]: take }, ignore: ['react'] }],
    } as never)) as { size: number }[]
    const text = readdirSync(saveBundle).map((file) => readFileSync(join(saveBundle, file), 'utf8'))
    return { actual: result!.size, text: text.join('\n') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Measures one use. */
export async function measure(ceiling: Ceiling): Promise<Measured> {
  if (ceiling.from && ceiling.take) return { ...ceiling, ...(await bundle(ceiling.from, ceiling.take)) }
  const { file, brotli } = await ensureScriptTag(ceiling.tag)
  return { ...ceiling, actual: brotli, text: readFileSync(file, 'utf8') }
}

/** As people read it: kilobytes of 1000 bytes, with one decimal; below a kilobyte the bytes. */
export function readable(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`
}

/** Sentences about a use that costs too much or brings what it should not. */
export function sizeFaults({ name, bytes, actual, absent, text }: Measured): string[] {
  return [
    ...(actual > bytes
      ? [
          `"${name}" is ${actual} bytes, ${actual - bytes} more than its ceiling of ${bytes}. Look at what the change brought in (npm run size), and make it smaller or leave it out of this import.`,
        ]
      : []),
    ...absent
      .filter((word) => text.includes(word))
      .map(
        (word) =>
          `"${name}" contains ${JSON.stringify(word)}, which this import has no need of. Find who imports it, and let it in from outside instead.`,
      ),
  ]
}
