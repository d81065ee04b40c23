/** The shop's one door to nunchi: the shop works the same when the script is blocked. */

/** Records what happened; before the script has arrived the stub in the page's head keeps it. */
export function track(name, properties) {
  window.nunchi?.track?.(name, properties)
}

/** Names the person by an id of our own. Never by an e-mail address. */
export function identify(userId, traits) {
  window.nunchi?.identify?.(userId, traits)
}

/** The visitor's id on this device, once the script is there. */
export function visitor() {
  return window.nunchi?.anonymousId ?? ''
}
