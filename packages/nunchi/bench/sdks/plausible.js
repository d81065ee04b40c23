/** Plausible's tracker with page views off; localhost let in. */
import { init, track } from '@plausible-analytics/tracker'

window.sdk = {
  init(host) {
    init({
      domain: 'bench.example',
      endpoint: `${host}/api/event`,
      autoCapturePageviews: false,
      captureOnLocalhost: true,
    })
  },
  track: (name, properties) => track(name, { props: properties }),
}
