/** Takes secrets and personal data out of what is logged. */

const secretField = /^(?:authorization|cookie|set-cookie|key|apikey|api_key|token|secret|password|claims)$/i

const secrets: [RegExp, string][] = [
  [/\bnk_(pub|srv)_\w+/g, 'nk_$1_…'],
  [/\b(Bearer|Basic)\s+[\w+/=.~-]+/gi, '$1 …'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\b([a-z][\w+.-]*:\/\/)[^\s/@]+@/gi, '$1…@'],
  [/[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+/g, '[e-mail]'],
]

/** The text without keys, tokens, passwords in addresses, and e-mail addresses; at most 1,000 characters of it. */
export function redactText(text: string): string {
  let out = text.length > 1000 ? `${text.slice(0, 1000)}…` : text
  for (const [pattern, replacement] of secrets) out = out.replace(pattern, replacement)
  return out
}

/** Redacts the texts of a record's fields, and every field that by its name holds a secret. */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields))
    out[name] = secretField.test(name) ? '[redacted]' : typeof value === 'string' ? redactText(value) : value
  return out
}
