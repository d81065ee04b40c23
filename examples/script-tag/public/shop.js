/** The shop: one page whose address says what is shown, with a working back button. */

import { track } from './analytics.js'
import { cartSize, onCart } from './cart.js'
import { findProduct } from './catalog.js'
import { setText } from './dom.js'
import { frontView, productView, trackViewed } from './goods.js'
import { language, onLanguage, setLanguage, t, translatePage } from './language.js'
import { cartView, checkoutView, doneView, trackCheckout } from './purchase.js'
import { onDecision, untilDecided } from './variants.js'

const main = document.getElementById('shop')

function route(search = location.search) {
  const query = new URLSearchParams(search)
  const product = query.get('p')
  return product === null ? { view: query.get('view') ?? 'front' } : { view: 'product', product }
}

const views = {
  front: () => frontView(),
  product: ({ product }) => productView(product),
  cart: () => cartView(render),
  checkout: () => checkoutView(navigate),
  done: () => doneView(),
}

function titleOf({ view, product }) {
  const found = findProduct(product)
  const names = {
    product: found ? found[language()].name : t('product.missing'),
    cart: t('cart.title'),
    checkout: t('checkout.title'),
    done: t('checkout.title'),
  }
  return names[view] ? `${names[view]} · ${t('title.shop')}` : t('title.shop')
}

/** Draws the page that the address names; `focus` is where the keyboard goes on. */
function render(focus) {
  const place = route()
  document.title = titleOf(place)
  main.replaceChildren(...(views[place.view] ?? views.front)(place))
  if (!focus) return
  const target = main.querySelector(focus) ?? main
  if (target.matches('h1')) target.setAttribute('tabindex', '-1')
  target.focus({ preventScroll: target.matches('h1') })
}

/** Goes to another page of the shop as a link would; the page view must find the new title. */
function navigate(href) {
  document.title = titleOf(route(new URL(href, location.href).search))
  history.pushState(null, '', href)
  arrive()
  scrollTo(0, 0)
}

function arrive() {
  const place = route()
  render('h1')
  if (place.view === 'product') trackViewed(place.product)
  if (place.view === 'checkout') trackCheckout()
}

function onLink(event) {
  const link = event.target.closest?.('a[href^="?"]')
  const special = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0
  if (!link || special) return
  event.preventDefault()
  navigate(link.getAttribute('href') === '?' ? location.pathname : link.getAttribute('href'))
}

function showCart() {
  const size = cartSize()
  const badge = document.getElementById('cart-size')
  badge.hidden = size === 0
  setText(badge, String(size))
}

function showLanguage() {
  const button = document.getElementById('language')
  button.lang = language() === 'ko' ? 'en' : 'ko'
  setText(button, language() === 'ko' ? 'English' : '한국어')
}

function onNews(event) {
  event.preventDefault()
  const input = document.getElementById('news-email')
  const right = input.validity.valid
  input.setAttribute('aria-invalid', String(!right))
  setText(document.getElementById('news-said'), t(right ? 'news.done' : 'checkout.errorEmail'))
  if (!right) return input.focus()
  event.currentTarget.reset()
  track('Newsletter Subscribed')
}

async function start() {
  translatePage()
  showLanguage()
  showCart()
  await untilDecided()
  render()
  const place = route()
  if (place.view === 'product') trackViewed(place.product)
}

onCart(showCart)
// A form that somebody fills in is not drawn again.
onDecision(() => ['front', 'product'].includes(route().view) && render())
onLanguage(() => {
  showLanguage()
  showCart()
  render()
})
document.addEventListener('click', onLink)
addEventListener('popstate', arrive)
document
  .getElementById('language')
  .addEventListener('click', () => setLanguage(language() === 'ko' ? 'en' : 'ko'))
document.getElementById('news').addEventListener('submit', onNews)
start()
