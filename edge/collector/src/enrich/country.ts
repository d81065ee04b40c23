/** The visitor's country, from the header of the platform that the operator says stands before the collector. */

/**
 * Who writes the country into a header: `cloudflare`, `vercel`, `cloudfront`, `netlify`, `appengine`, the name of a
 * header that a proxy of yours sets, or `none`.
 */
export type CountrySource =
  | 'none'
  | 'cloudflare'
  | 'vercel'
  | 'cloudfront'
  | 'netlify'
  | 'appengine'
  | (string & {})

const headers: { [platform: string]: string } = {
  cloudflare: 'cf-ipcountry',
  vercel: 'x-vercel-ip-country',
  cloudfront: 'cloudfront-viewer-country',
  netlify: 'x-nf-geo',
  appengine: 'x-appengine-country',
}

// What platforms write where they do not know, and Cloudflare's T1 for Tor.
const unknown = /^(?:XX|ZZ|T1)$/

/** An ISO 3166 alpha-2 code in capitals; `undefined` for anything else. */
export function countryCode(text: unknown): string | undefined {
  if (typeof text !== 'string' || !/^[a-z]{2}$/i.test(text)) return undefined
  const code = text.toUpperCase()
  return unknown.test(code) ? undefined : code
}

/** Netlify's header holds JSON, encoded in base64: `{ country: { code } }`. */
function netlify(text: string): unknown {
  try {
    return (JSON.parse(atob(text)) as { country?: { code?: unknown } }).country?.code
  } catch {
    return undefined
  }
}

/**
 * Makes the reader. Any client can send any of these headers, so none is believed but the one that is named.
 *
 * @param source the option `country`
 */
export function countryOf(
  source: CountrySource,
): (header: (name: string) => string | undefined) => string | undefined {
  if (source === 'none') return () => undefined
  const name = headers[source] ?? source
  return (header) => {
    const text = header(name)
    return text === undefined ? undefined : countryCode(source === 'netlify' ? netlify(text) : text.trim())
  }
}
