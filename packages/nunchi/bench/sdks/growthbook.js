/** GrowthBook's SDK with its own tracking plugin. */
import { GrowthBook } from '@growthbook/growthbook'
import { growthbookTrackingPlugin } from '@growthbook/growthbook/plugins'

let growthbook
window.sdk = {
  init(host) {
    growthbook = new GrowthBook({
      clientKey: 'sdk-bench',
      apiHost: host,
      attributes: { id: 'visitor' },
      plugins: [growthbookTrackingPlugin({ ingestorHost: host })],
    })
  },
  track: (name, properties) => growthbook.logEvent(name, properties),
}
