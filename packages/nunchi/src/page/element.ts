/** What may be said of an element that somebody uses: never what it holds, only what the site's author calls it. */

/** An author's name: digits stand at the end of a word, three in all; other text may be a number, a token, an id. */
const name = /^(?!(.*\d){4}|.*\d[a-z])[\w .:\u00a1-\uffff-]{1,40}$/i

/** Whether a name that stands in the markup says nothing about anybody. */
export function harmless(text: string | null): text is string {
  return !!text && name.test(text)
}

/**
 * The elements on an event's way, the innermost first, those in open shadow roots included; none where one of them
 * carries `data-nunchi-ignore`.
 */
export function elementsOf(event: Event): Element[] {
  const path = event.composedPath().filter((node): node is Element => 'matches' in node)
  return path.some((element) => element.hasAttribute('data-nunchi-ignore')) ? [] : path
}

/** An element in a word, such as `button[tab]#buy`: its tag, its role, and the name in `data-nunchi`. */
export function elementLabel(element: Element): string {
  const role = element.getAttribute('role')
  const own = element.getAttribute('data-nunchi')
  return `${element.localName}${harmless(role) ? `[${role}]` : ''}${harmless(own) ? `#${own}` : ''}`.slice(
    0,
    80,
  )
}
