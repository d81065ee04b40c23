/** The shop's page with its placeholders filled, and the security policy that it lives under. */

/** What the page's script tag says. */
export interface PageValues {
  /** The public API key. */
  key: string
  /** The collector's origin, such as `http://localhost:4701`. */
  collector: string
  sdkSrc: string
  /** The script's subresource integrity, `sha384-…`. */
  sdkIntegrity: string
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
 * Fills `{{name}}` by the value of that name, escaped for HTML.
 *
 * @throws Error on a placeholder without a value: half a page would only seem to work
 */
export function fillPage(template: string, values: PageValues): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name as keyof PageValues] : undefined
    if (value === undefined)
      throw new Error(`The page asks for {{${name}}}; it can have ${Object.keys(values).join(', ')}.`)
    return value.replace(/[&<>"']/g, (letter) => escapes[letter]!)
  })
}

/** A policy without a single `unsafe-…`: what a careful site owner would have. */
export function contentSecurityPolicy({ nonce, collector }: PageValues): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'`,
    `connect-src 'self' ${collector}`,
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
