/** The shop: a headline that is being tested, three teas, what goes with them, and a box that a flag opens. */
import { useExperiment, useFlag, useTrack } from 'nunchi/react'
import { type ReactNode, useState } from 'react'
import { Shelf } from './shelf.tsx'

const teas = [
  { sku: 'sejak', name: 'Sejak', about: 'Small first leaves, picked in April.', price: 24 },
  { sku: 'hwangcha', name: 'Hwangcha', about: 'Half way to black, and sweet.', price: 19 },
  { sku: 'yuja', name: 'Yuja', about: 'Citrus and honey, for the evening.', price: 14 },
]

const headlines = {
  calm: { title: 'Tea for two.', text: 'Three teas from Hadong, in tins that hold their scent.' },
  bold: { title: 'Stop drinking dust.', text: 'Whole leaves from Hadong. You will taste where they grew.' },
}

function Hero() {
  const { variant, loading } = useExperiment('hero')
  // Until it is known, its room is kept: nothing moves when it comes.
  const { title, text } = headlines[variant || 'calm']
  return (
    <header className={`hero ${variant}`} style={loading ? { visibility: 'hidden' } : undefined}>
      <h1>{title}</h1>
      <p>{text}</p>
    </header>
  )
}

function GiftNote() {
  if (!useFlag('gift-note', false)) return null
  return (
    <label className="gift">
      <input type="checkbox" /> It is a gift: add a note
    </label>
  )
}

function Basket({ total, children }: { total: number; children: ReactNode }) {
  const { trackConversion } = useExperiment('hero')
  const [ordered, order] = useState(false)
  return (
    <section className="basket" aria-labelledby="basket">
      <h2 id="basket">Basket</h2>
      <p role="status">{ordered ? 'Thank you. It is on its way.' : total ? `€ ${total}` : 'Still empty.'}</p>
      {children}
      <button
        type="button"
        disabled={!total || ordered}
        onClick={() => {
          trackConversion('order', total, { step: 'ordered' })
          order(true)
        }}
      >
        Order
      </button>
    </section>
  )
}

/** The whole page. */
export function App() {
  const track = useTrack()
  const [total, setTotal] = useState(0)
  return (
    <main>
      <Hero />
      <ul className="teas">
        {teas.map(({ sku, name, about, price }) => (
          <li key={sku}>
            <h2>{name}</h2>
            <p>{about}</p>
            <button
              type="button"
              onClick={() => {
                track('Product Added', { sku, price })
                setTotal(total + price)
              }}
            >
              Add {name}, € {price}
            </button>
          </li>
        ))}
      </ul>
      <Shelf />
      <Basket total={total}>
        <GiftNote />
      </Basket>
    </main>
  )
}
