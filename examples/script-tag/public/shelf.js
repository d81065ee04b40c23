/** The shelf for you: ten things of the whole shop, which follow what the visitor turns to, and say why. */
import { artOf, el, picture } from './dom.js'
import { currency, language, money, t } from './language.js'
import { countClick, onRecommended, reasonOf, recommended, watchItem } from './recommended.js'

const limit = 10
let stop = () => {}
const stops = []

/** The shelf; hidden while there is nothing on it. */
export function shelfView() {
  const list = el('ul', { class: 'shelf' })
  const section = el(
    'section',
    { class: 'for-you', 'aria-labelledby': 'for-you', hidden: true },
    el('h2', { id: 'for-you' }, t('shelf.title')),
    el('p', { class: 'about' }, t('shelf.about')),
    list,
  )
  let drawn = ''
  const draw = () => {
    const shelf = recommended({ limit })
    const text = JSON.stringify([shelf.recommendationId, shelf.items, language()])
    // Nothing moves under a pointer, or away from the keyboard.
    if (text === drawn || (drawn && list.matches(':hover, :focus-within'))) return
    drawn = text
    for (const end of stops.splice(0)) end?.()
    list.replaceChildren(...shelf.items.map((item, position) => card(shelf, item, position)))
    section.hidden = !shelf.items.length
  }
  stop()
  stop = onRecommended(draw)
  for (const type of ['pointerleave', 'focusout']) list.addEventListener(type, () => setTimeout(draw))
  draw()
  return section
}

function card(shelf, { product, reason }, position) {
  const link = el(
    'a',
    {
      class: 'patch-link patch-name',
      href: `?p=${product.id}`,
      onclick: () => countClick(shelf, product.id, position),
    },
    product[language()].name,
  )
  const item = el(
    'li',
    { class: `card ${product.patch}`, 'data-category': product.category },
    el('div', { class: `patch ${product.patch}` }, picture(artOf(product), 'art')),
    el('div', {}, link, el('span', { class: 'price' }, money(product.price[currency()]))),
    el('small', { class: 'reason' }, reasonOf(reason)),
  )
  stops.push(watchItem(item, shelf, product.id, position))
  return item
}
