/** nunchi with every plugin on, as much of each as there is. */
import {
  clicks,
  consent,
  createNunchi,
  debug,
  engagement,
  errors,
  feedback,
  mirror,
  pageViews,
  redact,
  sampling,
  vitals,
} from '../../src/index.ts'

let nunchi
window.sdk = {
  init(host, key) {
    nunchi = createNunchi({
      key,
      host,
      use: [
        consent({ initial: 'granted' }),
        pageViews(),
        engagement(),
        clicks({ automatic: true, text: true }),
        vitals(),
        errors(),
        feedback(),
        mirror(() => {}),
        redact({ query: 'all', properties: ['email'], emails: true }),
        sampling({ rate: 1 }),
        debug(),
      ],
    })
  },
  track: (name, properties) => nunchi.track(name, properties),
}
