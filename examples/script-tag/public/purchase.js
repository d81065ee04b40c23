/** The way to an order: the cart, the checkout and the confirmation. */
import { identify, track, visitor } from './analytics.js'
import { cartLines, cartTotal, describeCart, emptyCart, setQuantity } from './cart.js'
import { checkoutForm } from './checkout-form.js'
import { artOf, el, picture } from './dom.js'
import { keep, kept } from './kept.js'
import { currency, language, money, t } from './language.js'
import { toast } from './toast.js'

const orderKey = 'shop.order'
const shopperKey = 'shop.shopper'

/** The cart with its quantities; `rerender` draws the page again after a change. */
export function cartView(rerender) {
  const lines = cartLines()
  if (!lines.length) return empty(t('cart.title'), t('cart.empty'))
  return [
    el(
      'div',
      { class: 'inner' },
      el('h1', {}, t('cart.title')),
      el(
        'ul',
        { class: 'lines' },
        lines.map((line) => cartLine(line, rerender)),
      ),
      total(),
      el('a', { class: 'solid go', href: '?view=checkout' }, t('cart.checkout')),
    ),
  ]
}

function cartLine({ product, quantity }, rerender) {
  const { name } = product[language()]
  const change = (next, focus) => {
    setQuantity(product, next)
    toast(next ? t('cart.changed', name, next) : t('cart.removed', name))
    rerender(next ? `[data-step="${product.id}${focus}"]` : 'h1')
  }
  const step = (sign, key, next) =>
    el(
      'button',
      {
        type: 'button',
        'data-step': product.id + sign,
        'aria-label': t(key, name),
        onclick: () => change(next, sign),
      },
      sign,
    )
  const remove = el(
    'button',
    {
      class: 'quiet',
      type: 'button',
      'aria-label': t('cart.removeNamed', name),
      onclick: () => change(0, ''),
    },
    t('cart.remove'),
  )
  return el(
    'li',
    { class: 'line' },
    el('div', { class: `patch ${product.patch}` }, picture(artOf(product), 'art')),
    el('div', { class: 'line-name' }, el('a', { href: `?p=${product.id}` }, name)),
    el('span', { class: 'line-price price' }, money(product.price[currency()] * quantity)),
    el(
      'div',
      { class: 'line-tools' },
      el(
        'div',
        { class: 'steps' },
        step('−', 'cart.less', quantity - 1),
        el('output', {}, String(quantity)),
        step('+', 'cart.more', quantity + 1),
      ),
      remove,
    ),
  )
}

/** The checkout: a form whose contents stay on the page, and what is being ordered. */
export function checkoutView(navigate) {
  if (!cartLines().length) return empty(t('checkout.title'), t('cart.empty'))
  const form = checkoutForm(t('checkout.order', money(cartTotal())), () => {
    placeOrder()
    navigate('?view=done')
  })
  return [
    el(
      'div',
      { class: 'inner' },
      el('h1', {}, t('checkout.title')),
      el('p', { class: 'notice' }, t('checkout.note')),
      el('div', { class: 'checkout' }, form, receipt(cartLines())),
    ),
  ]
}

/** Tells that someone began to check out, and with what. */
export function trackCheckout() {
  if (!cartLines().length) return
  track('Checkout Started', { value: cartTotal(), currency: currency(), products: describeCart() })
}

/** The person gets an id of the shop's own making; name, e-mail and address are never told. */
function placeOrder() {
  const orderId = madeUp('order')
  identify(shopper(), { language: language() })
  track('Order Completed', { orderId, revenue: cartTotal(), currency: currency(), products: describeCart() })
  const lines = cartLines().map(({ product, quantity }) => ({
    patch: product.patch,
    name: { ko: product.ko.name, en: product.en.name },
    price: product.price,
    quantity,
  }))
  keep(orderKey, { orderId, lines }, { visit: true })
  emptyCart()
}

/** The thanks after an order placed in this tab. */
export function doneView() {
  const order = kept(orderKey, { visit: true })
  if (!order) return empty(t('done.none'), t('done.noneHelp'))
  return [
    el(
      'div',
      { class: 'inner' },
      picture('mark', 'seal'),
      el('h1', {}, t('done.title')),
      el('p', {}, t('done.number', order.orderId)),
      el('p', { class: 'about' }, t('done.note')),
      receipt(order.lines),
      el('a', { class: 'solid go', href: '?' }, t('cart.browse')),
    ),
  ]
}

function receipt(lines) {
  const price = (line) => (line.product ?? line).price[currency()] * line.quantity
  const name = (line) => line.product?.[language()].name ?? line.name[language()]
  return el(
    'section',
    { class: 'receipt', 'aria-labelledby': 'receipt' },
    el('h2', { id: 'receipt' }, t('checkout.summary')),
    el(
      'ul',
      {},
      lines.map((line) =>
        el(
          'li',
          {},
          el('span', {}, line.quantity > 1 ? `${name(line)} × ${line.quantity}` : name(line)),
          el('span', { class: 'price' }, money(price(line))),
        ),
      ),
    ),
    total(lines.reduce((sum, line) => sum + price(line), 0)),
  )
}

function total(amount = cartTotal()) {
  return el(
    'p',
    { class: 'total' },
    el('span', {}, t('cart.total')),
    el('span', { class: 'price' }, money(amount)),
  )
}

function empty(title, sentence) {
  return [
    el(
      'div',
      { class: 'inner' },
      el('h1', {}, title),
      el('p', { class: 'about' }, sentence),
      el('a', { class: 'solid go', href: '?' }, t('cart.browse')),
    ),
  ]
}

/** One id for one visitor: whoever comes after `reset()` is another shopper. */
function shopper() {
  const known = kept(shopperKey)
  if (known?.visitor === visitor()) return known.id
  const id = madeUp('shopper')
  keep(shopperKey, { visitor: visitor(), id })
  return id
}

function madeUp(kind) {
  const [number] = crypto.getRandomValues(new Uint32Array(1))
  return `${kind}-${number.toString(36).padStart(7, '0')}`
}
