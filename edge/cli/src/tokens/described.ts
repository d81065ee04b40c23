/** What `nunchi tokens add` is told, as a verifier that is not checked yet. */
import { randomBytes } from 'node:crypto'
import { nodeFetch } from '@nunchi/collector/node'
import { readAllowedHosts, readJwks } from '@nunchi/collector/tokens'
import { CliError } from '../cli-error.ts'
import { yellow } from '../print.ts'
import { algorithmOf, readPublicKey, readSecret } from './keys.ts'

/** Private hosts that the operator allows, as the collector reads them. */
export const allowedHosts = (): string[] => readAllowedHosts(process.env['NUNCHI_ALLOW_PRIVATE_HOSTS'] ?? '')

/** Reads a key set once before it is relied on. @returns the algorithm of its keys, where they have one in common */
async function tryJwks(url: string): Promise<string | undefined> {
  const fetch = nodeFetch(allowedHosts())
  try {
    await fetch.check(url)
    const answer = await fetch(url, { timeoutMs: 5_000, maxBytes: 262_144 })
    if (answer.status !== 200) throw new Error(`it answered ${answer.status}`)
    const text = await answer.text()
    readJwks(text)
    const { keys } = JSON.parse(text) as { keys: { [member: string]: unknown }[] }
    const algorithms = new Set(keys.map((key) => key['alg'] ?? algorithmOf(key)))
    return algorithms.size === 1 ? String([...algorithms][0]) : undefined
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code === 'address_refused') throw new CliError('token_verifier_invalid', `url: ${message}`)
    process.stderr.write(
      `${yellow('!')} The key set cannot be read now (${message}); it is saved all the same.\n`,
    )
    return undefined
  }
}

/** The options of the command. */
export interface AddOptions {
  name: string
  issuer: string
  audience: string
  generate?: boolean | undefined
  'secret-file'?: string | undefined
  key?: string | undefined
  jwks?: string | undefined
  algorithm?: string | undefined
  'subject-claim'?: string | undefined
}

/**
 * What is asked for; and the secret, where one was made.
 *
 * @throws CliError `usage`, `file_missing`, `token_key_invalid`, `token_verifier_invalid`
 */
export async function described(given: AddOptions): Promise<{ verifier: object; made?: string }> {
  const { name, issuer, audience, generate, 'secret-file': file, key: keyFile, jwks, algorithm } = given
  if ([generate || undefined, file, keyFile, jwks].filter((one) => one !== undefined).length !== 1)
    throw new CliError('usage', 'Say one of --generate, --secret-file FILE, --key FILE and --jwks URL.')
  const subject = given['subject-claim']
  const pinned = { name, issuer, audience, ...(subject !== undefined && { subjectClaim: subject }) }
  if (jwks !== undefined) {
    const told = algorithm ?? (await tryJwks(jwks))
    if (told === undefined)
      throw new CliError(
        'usage',
        'Say which algorithm its tokens are signed with: --algorithm ES256, RS256 or EdDSA.',
      )
    return { verifier: { ...pinned, kind: 'jwks', url: jwks, algorithm: told } }
  }
  if (keyFile !== undefined) {
    const key = await readPublicKey(keyFile)
    return { verifier: { ...pinned, kind: 'key', key, algorithm: algorithm ?? algorithmOf(key) } }
  }
  const made = generate ? randomBytes(32).toString('hex') : undefined
  const secret = made ?? (await readSecret(file as string))
  const verifier = { ...pinned, kind: 'secret', secret, algorithm: algorithm ?? 'HS256' }
  return { verifier, ...(made !== undefined && { made }) }
}
