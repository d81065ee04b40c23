/** Which addresses of items may become links in a page. */

const maxLength = 2_048
// Browsers drop tabs and line ends from addresses before they read them, and take a backslash for a slash.
const odd = /[\p{Cc}\p{Zs}\\]/u

/** Whether a text is an `http:` or `https:` address, or a path from the site's root, whichever way a browser reads it. */
export function isSafeUrl(text: string): boolean {
  if (text.length > maxLength || odd.test(text)) return false
  if (text.startsWith('/')) return !text.startsWith('//')
  return /^https?:\/\/[^/]/i.test(text) && URL.canParse(text)
}
