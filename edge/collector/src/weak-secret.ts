/** Whether a secret would keep anyone out. */

/** Words of the secrets that stand in examples, which attackers try first. */
const example = /change.?me|example|secret|password|passw0rd|token|default|123456|abcdef/i

/**
 * Why a secret would not keep anyone out, as the end of a sentence: too short, too even, or one of those in examples.
 *
 * @returns `undefined` where it would
 */
export function weakSecret(secret: string): string | undefined {
  if (secret.length < 32 || new TextEncoder().encode(secret).length < 32)
    return 'must have at least 32 characters'
  if (example.test(secret) || new Set(secret).size < 8) return 'looks like an example, not like a secret'
  return undefined
}
