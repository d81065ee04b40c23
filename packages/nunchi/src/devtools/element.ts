/** Makes elements without HTML text, so that nothing a visitor sent is ever parsed. */

/** What an element gets: properties of it, `on…` listeners included, and attributes that begin with `aria-` or `data-`. */
type Given = { [name: string]: unknown }

/** Makes an element with properties and children; texts become text. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  given: Given = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(given)) {
    if (/^(aria-|data-|role$|for$)/.test(name)) made.setAttribute(name, `${value}`)
    else Object.assign(made, { [name]: value })
  }
  made.append(...children)
  return made
}
