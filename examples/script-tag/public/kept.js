/** Small values that outlive the page (or only the visit); where storage is forbidden they are simply forgotten. */

/** The JSON value kept under this name, or null. With `visit` it is this tab's own. */
export function kept(name, { visit = false } = {}) {
  try {
    return JSON.parse(storage(visit).getItem(name))
  } catch {
    return null
  }
}

/** Keeps a JSON value under this name. */
export function keep(name, value, { visit = false } = {}) {
  try {
    storage(visit).setItem(name, JSON.stringify(value))
  } catch {
    // Forbidden or full: the value then lasts as long as the page.
  }
}

function storage(visit) {
  return visit ? sessionStorage : localStorage
}
