/** Mixpanel's core, without its session recorder. */
import mixpanel from 'mixpanel-browser/src/loaders/loader-module-core'

window.sdk = {
  init(host) {
    mixpanel.init('bench', { api_host: host, autocapture: false, track_pageview: false })
  },
  track: (name, properties) => mixpanel.track(name, properties),
}
