/** The front page with its patchwork, and the page of one product. */
import { track } from './analytics.js'
import { addOne, describe } from './cart.js'
import { categories, findProduct, products, searchProducts } from './catalog.js'
import { artOf, el, picture } from './dom.js'
import { currency, language, money, t } from './language.js'
import { recommended } from './recommended.js'
import { shelfView } from './shelf.js'
import { toast } from './toast.js'
import { cardLayout, wrapsPresents } from './variants.js'

let searched

/** The front page: a greeting, the finder and all goods. */
export function frontView() {
  const state = { query: '', category: '' }
  const results = el('div', { id: 'results', 'data-layout': cardLayout() })
  const found = el('p', { class: 'hidden', role: 'status' })
  const show = () => showResults(results, found, state, reset)
  const input = searchField((query) => {
    state.query = query
    show()
    trackSearch(state)
  })
  const chips = categoryChips((category) => {
    state.category = category
    show()
    track('Product List Filtered', { category: category || 'all' })
  })
  const reset = () => {
    input.value = ''
    chips.firstElementChild.click()
    input.focus()
  }
  showResults(results, null, state, reset)
  return [
    el('div', { class: 'hero' }, el('h1', {}, t('shop.tagline')), el('p', {}, t('shop.intro'))),
    el('div', { class: 'finder', role: 'search' }, input.parentElement, chips),
    el('h2', { class: 'hidden' }, t('shop.goods')),
    found,
    results,
    shelfView(),
  ]
}

function searchField(onQuery) {
  const input = el('input', {
    id: 'search',
    type: 'search',
    autocomplete: 'off',
    placeholder: t('shop.searchHint'),
    // A half-composed Korean syllable is not a question yet.
    oninput: (event) => event.isComposing || onQuery(input.value),
    oncompositionend: () => onQuery(input.value),
  })
  el('div', { class: 'field' }, el('label', { for: 'search' }, t('shop.search')), input)
  return input
}

function categoryChips(onCategory) {
  const chips = ['', ...categories].map((category) =>
    el(
      'button',
      {
        class: 'chip',
        type: 'button',
        'aria-pressed': String(category === ''),
        onclick: (event) => {
          for (const chip of chips) chip.setAttribute('aria-pressed', String(chip === event.currentTarget))
          onCategory(category)
        },
      },
      t(`category.${category || 'all'}`),
    ),
  )
  return el('div', { class: 'chips', role: 'group', 'aria-label': t('shop.categories') }, chips)
}

function showResults(results, found, { query, category }, reset) {
  const matches = searchProducts(query, category)
  const whole = matches === products
  if (found) found.textContent = matches.length ? t('shop.found', matches.length) : t('shop.none')
  results.replaceChildren(
    matches.length
      ? el('ul', { class: whole ? 'patchwork whole' : 'patchwork' }, matches.map(patch))
      : el(
          'div',
          { class: 'none' },
          el('p', {}, t('shop.none')),
          el('button', { class: 'outline', type: 'button', onclick: reset }, t('shop.showAll')),
        ),
  )
}

/** What was searched for may be personal, so only its length is told, once the visitor stops typing. */
function trackSearch({ query, category }) {
  clearTimeout(searched)
  if (!query.trim()) return
  searched = setTimeout(() => {
    track('Products Searched', {
      queryLength: query.trim().length,
      results: searchProducts(query, category).length,
    })
  }, 700)
}

function patch(product) {
  const { name } = product[language()]
  const add = el(
    'button',
    {
      class: 'add',
      type: 'button',
      'aria-label': t('product.addNamed', name),
      onclick: () => putIntoCart(product),
    },
    picture('plus', ''),
  )
  const words = el(
    'div',
    {},
    el(
      'a',
      {
        class: 'patch-link patch-name',
        href: `?p=${product.id}`,
        onclick: () => track('Product Clicked', describe(product)),
      },
      name,
    ),
    el('span', { class: 'price' }, money(product.price[currency()])),
  )
  return el(
    'li',
    { class: `patch ${product.patch} ${product.cut}` },
    picture(artOf(product), 'art'),
    el('div', { class: 'patch-foot' }, words, add),
  )
}

/** The page of one product; an unknown one gets a way on. */
export function productView(id) {
  const product = findProduct(id)
  if (!product) return missingView()
  const { name, about, facts } = product[language()]
  const others = beside(product)
  return [
    el(
      'article',
      { class: 'inner product' },
      el('div', { class: `patch ${product.patch}` }, picture(artOf(product), 'art')),
      el(
        'div',
        { class: 'product-words' },
        el('h1', {}, name),
        el('p', { class: 'price' }, money(product.price[currency()])),
        el('p', { class: 'about' }, about),
        el(
          'ul',
          { class: 'facts', 'aria-label': t('product.facts') },
          facts.map((fact) => el('li', {}, fact)),
        ),
        el(
          'button',
          { class: 'solid go', type: 'button', onclick: () => putIntoCart(product) },
          t('product.add'),
        ),
        wrapsPresents() ? el('p', { class: 'wrapping' }, picture('bow', ''), t('product.wrapping')) : null,
      ),
    ),
    el(
      'section',
      { class: 'inner more', 'aria-labelledby': 'more' },
      el('h2', { id: 'more' }, t('product.more')),
      el('ul', { class: 'patchwork trio' }, others.map(patch)),
    ),
  ]
}

/** What goes with it; where nobody knows, what stands beside it in the shop. */
function beside(product) {
  const { items } = recommended({ context: { item: product.id }, limit: 3 })
  if (items.length === 3) return items.map((item) => item.product)
  return [1, 3, 5].map((step) => products[(products.indexOf(product) + step) % products.length])
}

/** Tells that a product was looked at; called once per visit of its page. */
export function trackViewed(id) {
  const product = findProduct(id)
  if (product) track('Product Viewed', describe(product))
}

function missingView() {
  return [
    el(
      'div',
      { class: 'inner' },
      el('h1', {}, t('product.missing')),
      el('p', { class: 'about' }, t('product.missingHelp')),
      el('a', { class: 'solid go', href: '?' }, t('cart.browse')),
    ),
  ]
}

function putIntoCart(product) {
  addOne(product)
  toast(t('product.added', product[language()].name))
}
