/** OpenPanel's web SDK with page views and replay off. */
import { OpenPanel } from '@openpanel/web'

let openpanel
window.sdk = {
  init(host) {
    openpanel = new OpenPanel({ clientId: 'bench', apiUrl: host, trackScreenViews: false })
  },
  track: (name, properties) => openpanel.track(name, properties),
}
