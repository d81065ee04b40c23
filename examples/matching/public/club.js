/** Asks the collector, as the person who is signed in. */

let session

/** Signs in as somebody: the answer is what `enterAs` takes. */
export async function become(id) {
  const answer = await fetch(`/club/sign-in?as=${encodeURIComponent(id)}`)
  if (!answer.ok) throw new Error(`signing in answered ${answer.status}`)
  return { id, ...(await answer.json()) }
}

/** From now on asks as this person. */
export function enterAs(one) {
  session = one
}

async function ask(method, path, query = {}, body) {
  const url = new URL(`${session.collector}/v1/matches${path}`)
  for (const [name, value] of Object.entries({ key: session.key, ...query }))
    url.searchParams.set(name, value)
  return fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${session.token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
}

/** Asks; a token that ran out is renewed once. */
async function told(...question) {
  let answer = await ask(...question)
  if (answer.status === 401) {
    enterAs(await become(session.id))
    answer = await ask(...question)
  }
  if (!answer.ok)
    throw Object.assign(new Error(`the collector answered ${answer.status}`), { status: answer.status })
  return answer.json()
}

/** The people of a list, with why and how to begin in this language. */
export const list = (which, language, after) =>
  told('GET', '', { list: which, limit: 6, insights: 1, language, ...(after && { after }) })

/** Whether the person takes part. */
export const standing = () => told('GET', '/me')

/** Takes part, or no more. */
export const consent = (given) => told('PUT', '/me', {}, { consent: given })

/** Says yes or no to somebody. */
export const decide = (id, yes) => told('PUT', `/decisions/${encodeURIComponent(id)}`, {}, { yes })

/** Never again, in both directions. */
export const block = (id) => told('PUT', `/blocks/${encodeURIComponent(id)}`)
