/** `nunchi tokens`: who may vouch for visitors, and what is wrong with a token. */
import type { Storage } from '@nunchi/collector'
import { nodeFetch } from '@nunchi/collector/node'
import {
  readVerifier,
  type TokenAlgorithm,
  type TokenVerifier,
  tokenKeys,
  verifyToken,
} from '@nunchi/collector/tokens'
import type { CommandDef } from 'citty'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { configArgs, type Given } from '../config/environment-of.ts'
import { withDatabase } from '../database/open.ts'
import { dim, print, table } from '../print.ts'
import { projectNamed } from '../project-named.ts'
import { allowedHosts, described } from '../tokens/described.ts'
import { readSecret, signToken } from '../tokens/keys.ts'
import { faultSentences } from '../tokens/said.ts'

const { json, ...args } = configArgs
const nameArg = { name: { type: 'positional', required: true, description: 'The verifier' } } as const

interface Whose {
  projectId: string
  environment: string
}
type Listed = TokenVerifier & { environment: string; createdAt: number; retiresAt?: number }

async function withEnvironment(
  given: Given,
  work: (owner: Storage, whose: Whose) => Promise<void>,
): Promise<void> {
  const { environment = 'production' } = given
  await withDatabase(given, async ({ owner }) => {
    const { projectId } = await projectNamed(owner, given.project)
    await work(owner, { projectId, environment })
  })
}

async function named(owner: Storage, whose: Whose, name: string): Promise<Listed> {
  const all = await owner.call<Listed[]>('list_token_verifiers', whose)
  const found = all.find((one) => one.name === name)
  if (found) return found
  const there = all.length === 0 ? 'there is none yet' : `there are ${all.map((one) => one.name).join(', ')}`
  throw new CliError(
    'token_verifier_not_found',
    `There is no verifier "${name}" in ${whose.environment}; ${there}.`,
  )
}

const add: CommandDef = command({
  meta: { name: 'tokens add', description: 'Take the tokens that somebody signs for visitors' },
  args: {
    ...nameArg,
    issuer: { type: 'string', required: true, description: 'What iss of the tokens is, to the letter' },
    audience: { type: 'string', required: true, description: 'What aud of the tokens is, or contains' },
    generate: { type: 'boolean', description: 'Makes a secret and prints it, once' },
    'secret-file': {
      type: 'string',
      description: 'Or a file with a secret of at least 32 bytes; - reads standard input',
    },
    key: { type: 'string', description: 'Or a file with a public key, as PEM or JWK' },
    jwks: { type: 'string', description: 'Or the https address of a key set' },
    algorithm: {
      type: 'string',
      description: 'HS256, ES256, RS256 or EdDSA; told by the key where it can be',
    },
    'subject-claim': {
      type: 'string',
      description: 'The claim that is the userId; sub where it is not given',
    },
    ...args,
  },
  async run({ args: given }) {
    const { verifier, made } = await described(given)
    const read = readVerifier(verifier, allowedHosts())
    if ('mistakes' in read)
      throw new CliError(
        'token_verifier_invalid',
        read.mistakes.map(({ path, message }) => `${path || 'the whole'}: ${message}`).join('\n'),
      )
    await withEnvironment(given, async (owner, whose) => {
      const told = { ...whose, verifier: read.verifier, actor: actor() }
      const { before } = await owner.call<{ before: unknown }>('set_token_verifier', told)
      print(
        `${before ? 'Replaced' : 'Added'} the verifier ${given.name}: collectors take its tokens within two seconds.`,
      )
      if (made === undefined) return
      print(made)
      print(dim('Shown this once: keep it where your server keeps its secrets, and give it to signUser().'))
    })
  },
})

const list: CommandDef = command({
  meta: { name: 'tokens list', description: 'List what verifies visitors’ tokens, never a secret' },
  args: { ...args, json },
  run: ({ args: given }) =>
    withEnvironment(given, async (owner, whose) => {
      const all = await owner.call<Listed[]>('list_token_verifiers', whose)
      if (given.json) return print(JSON.stringify(all, null, 2))
      if (all.length === 0)
        return print(
          'No verifiers yet; add one with: nunchi tokens add NAME --issuer … --audience … --generate',
        )
      const rows = all.map((one) => [
        one.name,
        one.algorithm,
        one.issuer,
        one.audience,
        one.subjectClaim ?? 'sub',
        one.kind === 'jwks' ? one.url : one.kind,
        one.retiresAt === undefined ? '' : new Date(one.retiresAt).toISOString().slice(0, 16),
      ])
      print(table(['verifier', 'algorithm', 'issuer', 'audience', 'user', 'key', 'until'], rows))
    }),
})

const spans: { [unit: string]: number } = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `24h` in ms. */
function spanOf(text: string | undefined): number {
  if (text === undefined) return 0
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const span = Number(count) * (spans[unit] ?? Number.NaN)
  if (span > 0) return span
  throw new CliError('usage', '--after is a time such as 30m, 24h or 7d.')
}

const remove: CommandDef = command({
  meta: { name: 'tokens remove', description: 'Take no more tokens of a verifier, at once or after a while' },
  args: {
    ...nameArg,
    after: { type: 'string', description: 'For how long they are still taken: 24h' },
    ...args,
  },
  async run({ args: given }) {
    const afterMs = spanOf(given.after)
    await withEnvironment(given, async (owner, whose) => {
      await named(owner, whose, given.name)
      const told = { ...whose, name: given.name, afterMs, actor: actor() }
      const { retiresAt } = await owner.call<{ retiresAt: number | null }>('remove_token_verifier', told)
      print(
        retiresAt === null
          ? `Removed the verifier ${given.name}: collectors refuse its tokens within two seconds.`
          : `The verifier ${given.name} takes tokens until ${new Date(retiresAt).toISOString()}.`,
      )
    })
  },
})

const sign: CommandDef = command({
  meta: { name: 'tokens sign', description: 'Sign a token for a try, as your server would' },
  args: {
    user: { type: 'positional', required: true, description: 'The userId' },
    for: { type: 'string', required: true, description: 'The verifier that shall take it' },
    with: {
      type: 'string',
      required: true,
      description: 'A file with the secret, or the private key as PEM or JWK',
    },
    'expires-in': { type: 'string', description: 'For how many seconds it is good', default: '900' },
    'key-id': { type: 'string', description: 'The kid in its header' },
    ...args,
  },
  async run({ args: given }) {
    const seconds = /^\d{1,8}$/.test(given['expires-in']) ? Number(given['expires-in']) : 0
    if (seconds === 0) throw new CliError('usage', '--expires-in is a number of seconds.')
    await withEnvironment(given, async (owner, whose) => {
      const { algorithm, issuer, audience, subjectClaim = 'sub' } = await named(owner, whose, given.for)
      const iat = Math.floor(Date.now() / 1000)
      const claims = { iss: issuer, aud: audience, [subjectClaim]: given.user, iat, exp: iat + seconds }
      print(await signToken(algorithm as TokenAlgorithm, claims, { path: given.with, kid: given['key-id'] }))
    })
  },
})

const verify: CommandDef = command({
  meta: { name: 'tokens verify', description: 'Say whose a token is, or what is wrong with it' },
  args: {
    token: { type: 'positional', required: true, description: 'The token; - reads standard input' },
    ...args,
  },
  run: ({ args: given }) =>
    withEnvironment(given, async (owner, whose) => {
      const token = given.token === '-' ? await readSecret('-') : given.token
      const verifiers = await owner.call<TokenVerifier[]>('token_verifiers_of', whose)
      const keys = tokenKeys({ fetch: nodeFetch(allowedHosts()), now: Date.now })
      const verified = await verifyToken(token, verifiers, { keys, scope: owner, now: Date.now() })
      if ('fault' in verified) throw new CliError('token_refused', faultSentences[verified.fault])
      const { userId, verifier, expiresAt } = verified.visitor
      print(
        `It is of ${userId}, by the verifier ${verifier}, until ${new Date(expiresAt * 1000).toISOString()}.`,
      )
    }),
})

/** Manages what verifies visitors' tokens. */
export const tokens: CommandDef = {
  meta: { name: 'tokens', description: 'Say who may vouch for visitors' },
  subCommands: { add, list, remove, sign, verify },
}
