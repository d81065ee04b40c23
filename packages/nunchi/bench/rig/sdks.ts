/** The SDKs that are measured, each as one script that sets `window.sdk = { init(host, key), track(name, properties) }`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { installOurPeers, versionOf } from './peers.ts'

/** One SDK. */
export interface Sdk {
  /** Its file in `sdks/`. */
  name: SdkName
  /** Its package and version. */
  label: string
  /** Keeps events across visits. */
  durable: boolean
  /** The script, minified. */
  script: string
}

const packages = {
  nunchi: { name: 'nunchi', durable: true },
  'nunchi-plugins': { name: 'nunchi', durable: true },
  posthog: { name: 'posthog-js', durable: false },
  'posthog-autocapture': { name: 'posthog-js', durable: false },
  segment: { name: '@segment/analytics-next', durable: true },
  growthbook: { name: '@growthbook/growthbook', durable: false },
  plausible: { name: '@plausible-analytics/tracker', durable: false },
  amplitude: { name: '@amplitude/analytics-browser', durable: true },
  mixpanel: { name: 'mixpanel-browser', durable: true },
  openpanel: { name: '@openpanel/web', durable: false },
}

/** The name of an SDK that can be measured. */
export type SdkName = keyof typeof packages

/** Our own version, as the package says. */
function ownVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Bundles an SDK as a page would load it; `minify` false keeps its names, for a profile. */
export async function bundleSdk(name: SdkName, minify = true): Promise<Sdk> {
  const { name: of, durable } = packages[name]
  if (of !== 'nunchi') installOurPeers()
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `../sdks/${name}.js`)],
    bundle: true,
    write: false,
    minify,
    format: 'iife',
    platform: 'browser',
    target: ['chrome80', 'firefox96', 'safari15.4'],
    // OpenPanel's recorder is fetched only where it is asked for; inlined it would weigh on every page.
    external: ['./replay-*'],
    logLevel: 'error',
  })
  const version = of === 'nunchi' ? ownVersion() : versionOf(of)
  return { name, label: `${of} ${version}`, durable, script: outputFiles[0]!.text }
}
