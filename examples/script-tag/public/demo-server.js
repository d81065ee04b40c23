/** What the demo's server answers: the visitor's rows in Postgres, and whether the collector is on. */

/** The visitor's newest rows and how many there are in all: `{ rows, total }`. Throws when unreachable. */
export function fetchRows(anonymousId) {
  return ask(`/demo/rows?anonymousId=${encodeURIComponent(anonymousId)}`)
}

/** Whether the collector's port is closed: `{ down }`. */
export function fetchNetwork() {
  return ask('/demo/network')
}

/** Closes the collector's port, or opens it again. */
export function setNetwork(down) {
  return ask('/demo/network', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ down }),
  })
}

async function ask(path, init) {
  const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(5000), ...init })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer.json()
}
