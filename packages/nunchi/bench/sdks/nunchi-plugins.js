/** nunchi with every plugin on, as much of each as there is. */
import {
  clicks,
  consent,
  createNunchi,
  engagement,
  errors,
  feedback,
  mirror,
  pageViews,
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
      ],
    })
  },
  track: (name, properties) => nunchi.track(name, properties),
}
