/** Builds elements without innerHTML, so that no text can become markup. */

/**
 * Makes an element. `on…` attributes become listeners, booleans are set or left out, and children may be
 * nodes, strings, nested lists, or null for nothing.
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : String(value))
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined))
  return node
}

/** Shows one of the drawings that the page carries as `<symbol>`; it is decoration beside its name. */
export function picture(symbol, className) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', className)
  svg.setAttribute('aria-hidden', 'true')
  const [, , width, height] = document.getElementById(symbol).getAttribute('viewBox').split(' ')
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use')
  use.setAttribute('href', `#${symbol}`)
  svg.append(use)
  return svg
}

/** The drawing of a product: its own, or that of its kind. */
export function artOf({ id, category }) {
  return document.getElementById(`art-${id}`) ? `art-${id}` : `kind-${category}`
}

/** Writes text only where it changed, so that screen readers and the browser have no needless work. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}
