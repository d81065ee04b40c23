/** What the demo's server answers: the visitor's rows in Postgres, the experiment's results, and whether the collector is on. */

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

/** The results of the experiment with the cards, as of now. */
export function fetchResults() {
  return ask('/demo/results')
}

/** Lets pretend visitors in: `{ visitors }`. Throws where the collector does not take them. */
export function letCrowdIn() {
  return ask('/demo/crowd', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
}

async function ask(path, init) {
  const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(5000), ...init })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer.json()
}
