/** Waits for the nunchi script, which loads beside the page, and listens to what it does with each event. */

const patienceMs = 4000

/**
 * Listens as soon as the script is there. `onState` gets `ready`, `blocked` (it did not come) or `refused`
 * (the browser asks not to be tracked); `onStage` gets what `nunchi.on()` tells.
 */
export function attachSdk({ onStage, onState }) {
  const script = document.querySelector('script[data-key]')
  // Before anything else that the stub has recorded, so that its calls are seen on their way too.
  const asked = window.nunchi?.q?.unshift(['on', Date.now(), onStage])
  let attached = false
  const attach = () => {
    if (attached || !window.nunchi?.on) return
    attached = true
    if (!asked) window.nunchi.on(onStage)
    onState(navigator.globalPrivacyControl ? 'refused' : 'ready')
  }
  const giveUp = () => attached || onState('blocked')
  script.addEventListener('load', attach)
  script.addEventListener('error', giveUp)
  attach()
  // The script may have failed before this module ran; its error is not told twice. A late one is still heard.
  setTimeout(giveUp, patienceMs)
}
