/** What is an answer of the collector's, and what only looks like one: half of a file, a login page, an error. */
import type { Recommendations } from '@nunchi/protocol'

/** Whether lists can be shown from it. */
export function isAnswer(said: unknown): said is Recommendations {
  const { recommendations, generated_at, expires_at } = Object(said) as Partial<Recommendations>
  const lists: unknown[] = Object.values(Object(recommendations))
  return (
    !!recommendations &&
    Number.isFinite(Date.parse(`${generated_at}`) + Date.parse(`${expires_at}`)) &&
    lists.every((list) => {
      const { items } = Object(list) as { items?: unknown }
      return Array.isArray(items) && items.every((item) => Object(item).id && Object(item).reason)
    })
  )
}
