/** Asks a language model through an OpenAI-compatible endpoint, with patience and no more than it has. */
import type { GuardedAnswer, GuardedFetch, OutgoingError } from '../guarded-fetch.ts'
import { type Completion, readCompletion } from './completion.ts'
import type { ModelOptions } from './insights-options.ts'
import { ModelError } from './model-error.ts'
import { answerSchema, type Message } from './prompt.ts'

/** The most tokens that an answer may take. */
export const answerTokens = 800
const maxBytes = 65_536
const attempts = 3
const pauseMs = 250

/** Asks, and answers with what was said. @throws ModelError */
export type AskModel = (messages: Message[]) => Promise<Completion>

/** In seconds or as a date, as ms from now. */
function retryAfter(headers: Headers, now: number): number | undefined {
  const given = headers.get('retry-after')
  if (given === null) return undefined
  const ms = /^\d+(\.\d+)?$/.test(given.trim()) ? Number(given) * 1_000 : Date.parse(given) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

function checkStatus({ status, headers }: GuardedAnswer, now: number): void {
  if (status >= 200 && status < 300) return
  const more = { retryAfterMs: retryAfter(headers, now) }
  if (status === 429) throw new ModelError('rate_limited', 'The model has had enough requests (429).', more)
  if (status >= 500) throw new ModelError('unavailable', `The model failed (${status}).`, more)
  throw new ModelError(
    'refused',
    `The model refuses the request (${status}): check its address, key and name, and whether it knows structured outputs.`,
  )
}

function outgoingFault(error: unknown): ModelError {
  if (error instanceof ModelError) return error
  const { code, message } = error as OutgoingError
  if (code === 'timeout') return new ModelError('timeout', message, { spent: true })
  if (code === 'too_large') return new ModelError('broken', message, { spent: true })
  if (code === 'address_refused') return new ModelError('refused', message)
  return new ModelError('unavailable', message)
}

const passing = ({ code }: ModelError) => code === 'rate_limited' || code === 'unavailable'

/** Makes the asker. */
export function askModel(model: ModelOptions, fetch: GuardedFetch, now: () => number): AskModel {
  const { url, key, name, timeoutMs = 8_000, limitField = 'max_completion_tokens' } = model
  const address = `${url.replace(/\/+$/, '')}/chat/completions`

  async function once(body: string, leftMs: number): Promise<Completion> {
    try {
      const headers = {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: `Bearer ${key}`,
      }
      const answer = await fetch(address, { method: 'POST', headers, body, timeoutMs: leftMs, maxBytes })
      checkStatus(answer, now())
      return readCompletion(await answer.text(), answer.headers.get('content-type'))
    } catch (error) {
      throw outgoingFault(error)
    }
  }

  return async (messages) => {
    const schema = { name: 'insight', strict: true, schema: answerSchema }
    const format = { type: 'json_schema', json_schema: schema }
    const body = JSON.stringify({
      model: name,
      messages,
      [limitField]: answerTokens,
      response_format: format,
    })
    const until = now() + timeoutMs
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(body, Math.max(1, until - now()))
      } catch (error) {
        const fault = error as ModelError
        const wait = fault.retryAfterMs ?? Math.random() * pauseMs * 2 ** attempt
        if (attempt === attempts || !passing(fault) || now() + wait >= until) throw fault
        await new Promise((resume) => setTimeout(resume, wait))
      }
    }
  }
}
