/** What Segment's and RudderStack's browser clients load before their first event. */
import type { RequestContext } from '../env.ts'

/** Where the client shall send: the address that it asked, unless an option says otherwise. */
export interface Home {
  /** Such as `events.example.com/v1`. */
  apiHost: string
  protocol: 'http' | 'https'
}

const local = /^(?:localhost|127(?:\.\d+){3}|\[::1\]|.+\.localhost)$/

/** The collector's own address as the client sees it. Behind a proxy that ends TLS only the host is true. */
export function homeOf(c: RequestContext, given: string | undefined): Home {
  const { host, hostname, protocol } = new URL(c.req.url)
  const plain = protocol === 'http:' && local.test(hostname)
  return { apiHost: given ?? `${host}/v1`, protocol: plain && given === undefined ? 'http' : 'https' }
}

/** The settings of analytics.js: no other destination, no metrics, and patience with a collector that is away. */
export function segmentSettings(writeKey: string, { apiHost, protocol }: Home): object {
  return {
    integrations: {
      'Segment.io': {
        apiKey: writeKey,
        apiHost,
        protocol,
        addBundledMetadata: true,
        unbundledIntegrations: [],
        versionSettings: { version: '4.4.7', componentTypes: ['browser'] },
        // As many attempts as it allows; by default it gives an event up after ten.
        httpConfig: { backoffConfig: { maxRetryCount: 100 } },
      },
    },
    plan: { track: { __default: { enabled: true, integrations: {} } } },
    edgeFunction: {},
    analyticsNextEnabled: true,
    middlewareSettings: {},
    enabledMiddleware: {},
    metrics: { sampleRate: 0 },
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  }
}

/** The source configuration of RudderStack's client: no destinations, no reports to anybody. */
export function sourceConfig(writeKey: string): object {
  return {
    source: {
      // Its client wants one; the key names the source well enough.
      id: writeKey,
      name: 'nunchi',
      writeKey,
      enabled: true,
      workspaceId: 'nunchi',
      config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      connections: [],
      destinations: [],
    },
  }
}
