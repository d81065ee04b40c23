/** What a click was on, by what it does: leads away, downloads, or works on the page; without a word of content. */
import type { JsonObject } from '@nunchi/protocol'
import { elementLabel, harmless } from './element.ts'

/** What is used by clicking; fields that are written into are not. */
const usable =
  'a[href],area[href],button,summary,input[type=button],input[type=submit],input[type=reset],input[type=image],[role=button],[role=link],[role=tab],[role=switch],[role^=menuitem]'

/** What somebody writes in, or has asked us to leave alone. */
const written = 'input,textarea,select,[contenteditable],[data-nunchi-ignore]'

/** Kinds of clicks that can be recorded without being declared. */
export type ClickKind = 'outbound' | 'downloads' | 'elements'

/** A click in words: its kind, and the event that it becomes. */
export interface Action {
  kind: ClickKind
  name: string
  properties: JsonObject
}

/** The longest text that is taken of a button or a link, in characters. */
const longest = 80

/** By its attribute: the property of that name would compute styles. */
const isEditable = (element: Element): boolean =>
  /^(|true|plaintext-only)$/i.test(element.getAttribute('contenteditable') ?? 'false')

/** Where a link leads; nothing where it is no link. */
function targetOf(element: Element): URL | undefined {
  const href = element.getAttribute('href')
  try {
    return href === null || !/^(a|area)$/.test(element.localName)
      ? undefined
      : new URL(href, document.baseURI)
  } catch {}
}

/** Its text, where it holds nothing that somebody writes in. */
function textOf(element: Element): string {
  if (element.matches(written) || element.querySelector(written)) return ''
  const text = element.getAttribute('aria-label') ?? element.textContent ?? ''
  return text.trim().replace(/\s+/g, ' ').slice(0, longest)
}

function describeElement(element: Element, url: URL | undefined, withText: boolean): JsonObject {
  const text = withText && textOf(element)
  return {
    element: elementLabel(element),
    ...(harmless(element.id) && { id: element.id }),
    // Who is called or written to stays on the page.
    ...(url &&
      (/^http/.test(url.protocol)
        ? { url: url.origin + url.pathname }
        : { scheme: url.protocol.slice(0, -1) })),
    ...(text && { text }),
  }
}

/**
 * Tells what a click was.
 *
 * @param path the elements on its way, the innermost first
 * @param downloads extensions of files that are downloads
 */
export function actionOf(
  path: Element[],
  downloads: readonly string[],
  withText: boolean,
): Action | undefined {
  const element = path.find((one) => one.matches(usable))
  if (!element || path.some(isEditable)) return
  const url = targetOf(element)
  const properties = describeElement(element, url, withText)
  const saved = element.getAttribute('download')
  const extension = /\.(\w{1,8})$/.exec(saved || (url?.pathname ?? ''))?.[1]?.toLowerCase()
  if (url && (saved !== null || (extension && downloads.includes(extension))))
    return {
      kind: 'downloads',
      name: 'File Downloaded',
      properties: { ...properties, ...(extension && { extension }) },
    }
  if (url && /^http/.test(url.protocol) && url.host !== location.host)
    return { kind: 'outbound', name: 'Outbound Link Clicked', properties: { ...properties, host: url.host } }
  return { kind: 'elements', name: 'Element Clicked', properties }
}
