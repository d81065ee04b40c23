/** What nunchi recommends: lists that are on the device already; none where the script does not come, and the shop is whole without. */
import { findProduct } from './catalog.js'
import { language, t } from './language.js'

const type = 'products'
const listeners = new Set()
let attached

/** Calls back when a list may be another: an answer came, or the visitor did something. */
export function onRecommended(listener) {
  listeners.add(listener)
  attach()
  return () => listeners.delete(listener)
}

/** The script loads beside the page. */
function attach() {
  const tell = () => {
    for (const listener of [...listeners]) listener()
  }
  const script = document.querySelector('script[data-key]')
  const lists = window.nunchi?.recommendations
  if (!attached && lists) {
    attached = lists
    lists.onChange(tell)
  } else if (!attached) {
    script?.addEventListener('load', () => {
      attach()
      tell()
    })
  }
}

/** A list as it is now, its items as the shop knows them; what is newer is asked for behind. */
export function recommended(query) {
  const lists = window.nunchi?.recommendations
  if (!lists) return { items: [] }
  lists.get({ type, ...query })
  const { items, ...list } = lists.read({ type, ...query })
  return { ...list, items: items.flatMap((item) => withProduct(item)) }
}

function withProduct({ id, reason }) {
  const product = findProduct(id)
  return product ? [{ product, reason }] : []
}

/** Why it is there, in the language of the page. */
export function reasonOf({ code, because }) {
  const cause = because && (findProduct(because.id)?.[language()].name ?? because.title)
  return t(`reason.${because && !cause ? 'people' : code}`, cause)
}

/** Counts that an item was seen, once half of it was in sight for a second. */
export function watchItem(element, list, id, position) {
  return window.nunchi?.recommendations?.observe(element, list.recommendationId, id, position)
}

/** Counts a click on an item. */
export function countClick(list, id, position) {
  window.nunchi?.recommendations?.click(list.recommendationId, id, position)
}
