/** What lies in the cart: product ids and how many of each, kept for the next visit. */

import { track } from './analytics.js'
import { findProduct } from './catalog.js'
import { keep, kept } from './kept.js'
import { currency } from './language.js'

const cartKey = 'shop.cart'
const listeners = new Set()
let lines = remembered()

/** The lines of the cart: `[{ product, quantity }]` in the order they were added. */
export function cartLines() {
  return Object.entries(lines).map(([id, quantity]) => ({ product: findProduct(id), quantity }))
}

/** How many pieces lie in the cart. */
export function cartSize() {
  return cartLines().reduce((sum, line) => sum + line.quantity, 0)
}

/** What the cart costs, in the currency of the page. */
export function cartTotal() {
  return cartLines().reduce((sum, line) => sum + line.product.price[currency()] * line.quantity, 0)
}

/** Sets how many of a product lie in the cart (0 takes it out) and tracks the difference. */
export function setQuantity(product, quantity) {
  const before = lines[product.id] ?? 0
  const { [product.id]: _gone, ...others } = lines
  lines = quantity > 0 ? { ...lines, [product.id]: quantity } : others
  store()
  const change = quantity - before
  if (change) {
    track(change > 0 ? 'Product Added' : 'Product Removed', {
      ...describe(product),
      quantity: Math.abs(change),
    })
  }
}

/** Puts one more of a product into the cart. */
export function addOne(product) {
  setQuantity(product, (lines[product.id] ?? 0) + 1)
}

/** Empties the cart after an order; an order is not a removal, so nothing is tracked. */
export function emptyCart() {
  lines = {}
  store()
}

/** Calls back after every change. */
export function onCart(listener) {
  listeners.add(listener)
}

/** A product as the e-commerce events name it. */
export function describe(product) {
  return {
    productId: product.id,
    name: product.en.name,
    category: product.category,
    price: product.price[currency()],
    currency: currency(),
  }
}

/** The whole cart as the e-commerce events name it. */
export function describeCart() {
  return cartLines().map(({ product, quantity }) => ({
    productId: product.id,
    price: product.price[currency()],
    quantity,
  }))
}

function store() {
  keep(cartKey, lines)
  for (const listener of listeners) listener()
}

function remembered() {
  const right = ([id, quantity]) => findProduct(id) && Number.isInteger(quantity) && quantity > 0
  return Object.fromEntries(Object.entries(kept(cartKey) ?? {}).filter(right))
}
