/** Reads the secrets and keys of visitors' tokens from files, and signs with them. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { TokenAlgorithm } from '@nunchi/collector/tokens'
import { CliError } from '../cli-error.ts'

/** The text of a file, or of standard input for `-`, without the line end that editors add. */
export async function readSecret(path: string): Promise<string> {
  const content = path === '-' ? text(process.stdin) : readFile(path, 'utf8')
  const read = await content.catch((cause: unknown) => {
    throw new CliError('file_missing', `The file ${path} cannot be read.`, cause)
  })
  return read.replace(/\r?\n$/, '')
}

function parsed(
  content: string,
  path: string,
  make: (input: string | { key: JsonWebKey; format: 'jwk' }) => KeyObject,
) {
  try {
    if (!content.trim().startsWith('{')) return make(content)
    return make({ key: JSON.parse(content) as JsonWebKey, format: 'jwk' })
  } catch (cause) {
    throw new CliError('token_key_invalid', `${path} holds no key as PEM or JWK that is understood.`, cause)
  }
}

/**
 * A public key as a JWK, from a JWK or a PEM file.
 *
 * @throws CliError `token_key_invalid`, also for a private key: it has no business beside the collector
 */
export async function readPublicKey(path: string): Promise<{ [member: string]: unknown }> {
  const content = await readSecret(path)
  if (content.includes('PRIVATE KEY') || /"(d|k)"\s*:/.test(content))
    throw new CliError(
      'token_key_invalid',
      `${path} holds a private key. Keep it where tokens are signed, and give its public half (openssl pkey -pubout).`,
    )
  const key = parsed(content, path, createPublicKey)
  const { kid } = (content.trim().startsWith('{') ? JSON.parse(content) : {}) as { kid?: string }
  return { ...key.export({ format: 'jwk' }), ...(kid !== undefined && { kid }) }
}

/** The algorithm that goes with a key: P-256, RSA or Ed25519; `undefined` for others. */
export function algorithmOf({ kty, crv }: { [member: string]: unknown }): TokenAlgorithm | undefined {
  if (kty === 'RSA') return 'RS256'
  return crv === 'P-256' ? 'ES256' : crv === 'Ed25519' ? 'EdDSA' : undefined
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function signed(algorithm: TokenAlgorithm, data: string, content: string, path: string): Buffer {
  if (algorithm === 'HS256') return createHmac('sha256', content).update(data).digest()
  const key = parsed(content, path, createPrivateKey)
  if (algorithmOf(key.export({ format: 'jwk' }) as object as { [member: string]: unknown }) !== algorithm)
    throw new CliError(
      'token_key_invalid',
      `The key in ${path} is none for ${algorithm}, which the verifier takes.`,
    )
  const bytes = Buffer.from(data)
  if (algorithm === 'ES256') return sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' })
  return sign(algorithm === 'RS256' ? 'sha256' : null, bytes, key)
}

/** Signs a token by the secret or private key in a file. */
export async function signToken(
  algorithm: TokenAlgorithm,
  claims: object,
  { path, kid }: { path: string; kid?: string | undefined },
): Promise<string> {
  const content = await readSecret(path)
  const data = `${encoded({ alg: algorithm, typ: 'JWT', ...(kid !== undefined && { kid }) })}.${encoded(claims)}`
  return `${data}.${signed(algorithm, data, content, path).toString('base64url')}`
}
