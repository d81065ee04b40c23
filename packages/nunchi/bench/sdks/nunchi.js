/** nunchi, from its source, as a site bundles it. */
import { createNunchi } from '../../src/index.ts'

let nunchi
window.sdk = {
  init(host, key) {
    nunchi = createNunchi({ key, host })
  },
  track: (name, properties) => nunchi.track(name, properties),
}
