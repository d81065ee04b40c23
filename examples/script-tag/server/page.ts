/** The shop's page with its placeholders filled, and the security policy that it lives under. */

/** Markup of our own making. */
export interface Markup {
  html: string
}

/** A block of data, which the script reads and no policy has to let run; no text in it can end the block. */
export const configBlock = (json: string): Markup => ({
  html: json
    ? `<script type="application/json" data-nunchi-config>${json.replaceAll('<', '\\u003c')}</script>`
    : '',
})

/** What the page's script tag says. */
export interface PageValues {
  /** The public API key. */
  key: string
  /** The collector's origin, such as `http://localhost:4701`. */
  collector: string
  sdkSrc: string
  /** The script's subresource integrity, `sha384-…`. */
  sdkIntegrity: string
  /** Flags and experiments. */
  config: Markup
  /** Fresh for each answer: allows the page's one inline script. */
  nonce: string
}

const escapes: { [letter: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Fills `{{name}}` by the value of that name, escaped for HTML where it is text.
 *
 * @throws Error on a placeholder without a value: half a page would only seem to work
 */
export function fillPage(template: string, values: PageValues): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name as keyof PageValues] : undefined
    if (value === undefined)
      throw new Error(`The page asks for {{${name}}}; it can have ${Object.keys(values).join(', ')}.`)
    if (typeof value !== 'string') return value.html
    return value.replace(/[&<>"']/g, (letter) => escapes[letter]!)
  })
}

/** What no page of ours may do, whatever else it may. */
const never = [
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
]

/** The policy of a page that has no script but its own files. */
export const ownPolicy: string = ["default-src 'self'", ...never].join('; ')

/** A policy without a single `unsafe-…`: what a careful site owner would have. */
export function contentSecurityPolicy({ nonce, collector }: PageValues): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    `connect-src 'self' ${collector}`,
    ...never,
  ].join('; ')
}
