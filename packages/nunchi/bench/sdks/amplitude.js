/** Amplitude's browser SDK with autocapture and remote settings off. */
import { init, track } from '@amplitude/analytics-browser'

window.sdk = {
  init(host) {
    init('bench', {
      serverUrl: `${host}/2/httpapi`,
      autocapture: false,
      fetchRemoteConfig: false,
      remoteConfig: { fetchRemoteConfig: false },
    })
  },
  track,
}
