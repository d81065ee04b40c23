/** Segment's analytics.js with its settings at hand (it would fetch them), in its standard, persistent mode. */
import { AnalyticsBrowser } from '@segment/analytics-next'

let analytics
window.sdk = {
  init(host) {
    const [protocol, rest] = host.split('://')
    const destination = { apiKey: 'bench', apiHost: `${rest}/v1`, protocol, unbundledIntegrations: [] }
    analytics = AnalyticsBrowser.load({
      writeKey: 'bench',
      cdnSettings: { integrations: { 'Segment.io': destination } },
    })
  },
  track: (name, properties) => analytics.track(name, properties),
}
