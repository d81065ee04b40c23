'use client'
/** Three teas and a basket, with a box that a flag opens. */
import { useExperiment, useFlag, useTrack } from 'nunchi/react'
import { useState } from 'react'

const teas = [
  { sku: 'sejak', name: 'Sejak', about: 'Small first leaves, picked in April.', price: 24 },
  { sku: 'hwangcha', name: 'Hwangcha', about: 'Half way to black, and sweet.', price: 19 },
  { sku: 'yuja', name: 'Yuja', about: 'Citrus and honey, for the evening.', price: 14 },
]

function Basket({ total }: { total: number }) {
  const gifts = useFlag('gift-note', false)
  const { trackConversion } = useExperiment('hero')
  const [ordered, order] = useState(false)
  return (
    <section className="basket" aria-labelledby="basket">
      <h2 id="basket">Basket</h2>
      <p role="status">{ordered ? 'Thank you. It is on its way.' : total ? `€ ${total}` : 'Still empty.'}</p>
      {gifts && (
        <label className="gift">
          <input type="checkbox" /> It is a gift: add a note
        </label>
      )}
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

export function Shop() {
  const track = useTrack()
  const [total, setTotal] = useState(0)
  return (
    <>
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
      <Basket total={total} />
    </>
  )
}
