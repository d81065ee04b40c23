/** What nunchi decides about the shop; where it does not come, or not in time, the shop is as it always was. */

const patienceMs = 300
const listeners = new Set()
/** What the page was drawn by; nothing until it was. */
let drawn

const answers = () => `${layoutNow()} ${wrapsPresents()}`

const layoutNow = () => window.nunchi?.experiments?.inspectExperiment('card-layout').variant

/** Resolves once there is an answer, or when waiting would be felt: the script loads beside the page. */
export function untilDecided() {
  const script = document.querySelector('script[data-key]')
  return new Promise((resolve) => {
    const done = () => {
      attach()
      resolve()
    }
    if (window.nunchi?.experiments || !script) return done()
    setTimeout(resolve, patienceMs)
    for (const event of ['load', 'error']) script.addEventListener(event, done)
  })
}

/** Hears of a flag that is switched, or an experiment that ends, while the page is open. */
function attach() {
  if (drawn !== undefined || !window.nunchi?.experiments) return
  drawn = answers()
  window.nunchi.experiments.onChange(() => {
    if (answers() === drawn) return
    decideAnew()
  })
}

/** How the cards of the front page lie: `patchwork` or `gallery`. Asking is the exposure: only who sees them asks. */
export function cardLayout() {
  return window.nunchi?.experiment?.('card-layout', 'patchwork').variant ?? 'patchwork'
}

/** Whether this visitor is offered a present's wrapping. */
export function wrapsPresents() {
  return window.nunchi?.flag?.('gift-wrapping', false) ?? false
}

/** Calls back when the shop may have to be drawn otherwise. */
export function onDecision(listener) {
  listeners.add(listener)
}

/** For another visitor everything is decided, and shown, anew. */
export function decideAnew() {
  drawn = answers()
  for (const listener of listeners) listener()
}
