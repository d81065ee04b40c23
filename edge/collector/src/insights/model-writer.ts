/** Has the language model write an insight, and settles in the database what that cost. */
import type { InsightLanguage } from '@nunchi/protocol'
import type { Services } from '../env.ts'
import { describeError } from '../log.ts'
import type { Ended, InsightGateway } from './gateway.ts'
import type { ModelOptions } from './insights-options.ts'
import { askModel } from './model.ts'
import { ModelError } from './model-error.ts'
import type { Message } from './prompt.ts'
import { readAnswer, type Written } from './read-answer.ts'

/** How long a model that does not answer is left alone, in ms. */
const restMs = 30_000
/** How long what could not be taken is not asked for again, in ms. */
const untakenMs = 3_600_000

/** One question whose tokens are reserved. */
export interface Question {
  messages: Message[]
  language: InsightLanguage
  cacheKey: string
  day: string
  reserved: number
}

/** Writes by a model. */
export interface ModelWriter {
  /** Whether the model is left alone for now, because it failed a moment ago. */
  resting(): boolean
  /** Never rejects. @returns null where the model wrote nothing that can be taken; the log says why */
  write(gateway: InsightGateway, question: Question): Promise<Written | null>
}

interface Outcome {
  name: string
  /** Tokens. */
  used: number
  /** Absent where the next to ask may try again. */
  keep?: { answer: Written | null; keepMs: number }
}

/** Makes it. */
export function modelWriter(services: Services, model: ModelOptions): ModelWriter {
  const { log, metrics, options } = services
  const { key, keepMs = 604_800_000 } = model
  const ask = askModel(model, options.fetch, options.now)
  const calls = metrics.counter(
    'nunchi_insight_calls_total',
    'Questions to the model, by outcome.',
    'outcome',
  )
  const tokens = metrics.counter('nunchi_insight_tokens_total', 'Tokens of questions and answers.')
  let restsUntil = 0

  /** The one line that a failure is worth. */
  const told = (why: string, more: { restMs?: number } = {}): void =>
    log.warn('the language model wrote nothing of use; a template stands in', { why, ...more })

  function failure(error: unknown, reserved: number): Outcome {
    const fault = error instanceof ModelError ? error : new ModelError('broken', describeError(error))
    const used = fault.spent ? reserved : 0
    if (fault.code === 'broken') {
      told(fault.message)
      return { name: fault.code, used, keep: { answer: null, keepMs: untakenMs } }
    }
    const rests = Math.min(Math.max(restMs, fault.retryAfterMs ?? 0), untakenMs)
    restsUntil = options.now() + rests
    told(fault.message, { restMs: rests })
    return { name: fault.code, used }
  }

  async function outcomeOf({ messages, language, reserved }: Question): Promise<Outcome> {
    try {
      const said = await ask(messages)
      const written = readAnswer(said.text, language, key)
      const used = said.tokens ?? reserved
      if (!('fault' in written)) return { name: 'taken', used, keep: { answer: written, keepMs } }
      told(written.fault)
      return { name: 'untaken', used, keep: { answer: null, keepMs: untakenMs } }
    } catch (error) {
      return failure(error, reserved)
    }
  }

  return {
    resting: () => options.now() < restsUntil,
    async write(gateway, question) {
      const { name, used, keep } = await outcomeOf(question)
      const { day, reserved, cacheKey } = question
      calls.add(1, name)
      tokens.add(used)
      const ended: Ended = { day, reserved, used, ...(keep && { keep: { ...keep, cacheKey } }) }
      await gateway
        .end(ended)
        .catch((error: unknown) =>
          log.warn('what the language model wrote could not be kept', { error: describeError(error) }),
        )
      return keep?.answer ?? null
    },
  }
}
