/** Three things that go with tea, for this visitor: another order as soon as they turn to one. */
import { reasonText } from 'nunchi'
import { useRecommendations } from 'nunchi/react'

/** The shelf; nothing while there is nothing to show. */
export function Shelf() {
  const { items, impression, click } = useRecommendations('things', undefined, { limit: 3 })
  if (!items.length) return null
  return (
    <section className="shelf" aria-labelledby="shelf">
      <h2 id="shelf">For your table</h2>
      <ul>
        {items.map((item) => (
          <li key={item.id} ref={impression(item)}>
            <button type="button" onClick={() => click(item)}>
              {item.title}
            </button>
            <p>{reasonText(item.reason)}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
