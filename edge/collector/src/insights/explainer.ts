/** Writes insights: what was written before, what a language model writes within its budget, else templates. */
import type { Insight, InsightLanguage } from '@nunchi/protocol'
import { boundedMap } from '../bounded-map.ts'
import type { Services } from '../env.ts'
import { describeError } from '../log.ts'
import { sha256Hex } from '../sha256.ts'
import type { InsightGateway } from './gateway.ts'
import { defaultAttributes, type ModelOptions } from './insights-options.ts'
import { answerTokens } from './model.ts'
import { modelWriter } from './model-writer.ts'
import { insightPayload } from './payload.ts'
import { type Message, messagesOf, promptVersion } from './prompt.ts'
import { readAnswer, type Written } from './read-answer.ts'
import type { InsightSubject } from './subject.ts'
import { fromTemplate } from './template.ts'

/** Writes one insight. Never rejects: whatever fails, a template answers. */
export type Explain = (
  gateway: InsightGateway,
  subject: InsightSubject,
  language: InsightLanguage,
) => Promise<Insight>

/** How many may wait for the model at once; beyond it templates answer. */
const mostAtOnce = 8
/** How long one may wait beside the model's own time, in ms: for the database, before and after. */
const besideMs = 30_000

/** A cautious guess: a token has two bytes or more in both languages. */
const tokensAtMost = (messages: Message[]): number => {
  const texts = messages.map(({ content }) => content).join('')
  return Math.ceil(new TextEncoder().encode(texts).length / 2) + answerTokens
}

/** Says once a day and budget that it is spent. */
function budgetTeller({ log, metrics }: Services) {
  const told = boundedMap<string, true>(1_000)
  const refusals = metrics.counter(
    'nunchi_insight_budget_refusals_total',
    'Insights that the day’s budget of tokens left to templates.',
  )
  return (day: string, budget: number): void => {
    refusals.add(1)
    if (told.get(day)) return
    told.set(day, true)
    log.warn('a project’s tokens of the day are spent; templates stand in until midnight UTC', {
      day,
      budget,
    })
  }
}

/** How long an answer is remembered before the database, where it is kept, is asked again, in ms. */
const rememberedMs = 600_000

/**
 * Places for those who wait. One that was never given back counts for `mostMs` only: a Worker drops what runs for a client
 * who went away, and no `finally` hears of it.
 */
function places(most: number, mostMs: number, now: () => number) {
  const taken = new Set<{ until: number }>()
  return {
    take() {
      for (const place of taken) if (place.until <= now()) taken.delete(place)
      if (taken.size >= most) return undefined
      const place = { until: now() + mostMs }
      taken.add(place)
      return () => taken.delete(place)
    },
  }
}

type Source = 'model' | 'kept' | 'template'

/** By the model, or null where a template must answer. */
function byModel(services: Services, model: ModelOptions) {
  const { url, name, dailyTokens = 200_000, attributes = defaultAttributes, timeoutMs = 8_000 } = model
  const writer = modelWriter(services, model)
  const spent = budgetTeller(services)
  const memory = services.caches.of('insights')
  const waiting = places(mostAtOnce, timeoutMs + besideMs, services.options.now)

  return async (
    gateway: InsightGateway,
    subject: InsightSubject,
    language: InsightLanguage,
  ): Promise<[Written, Source] | null> => {
    const messages = messagesOf(insightPayload(subject, attributes), language)
    const cacheKey = await sha256Hex(JSON.stringify([promptVersion, url, name, language, messages]))
    const remembered = `${gateway.whose} ${cacheKey}`
    // Others may write to a cache that is shared: what it holds is data, as what the model said.
    const known = readAnswer((await memory.get(remembered)) ?? '', language, model.key)
    if (!('fault' in known)) return [known, 'kept']
    const leave = writer.resting() ? undefined : waiting.take()
    if (!leave) return null
    try {
      const reserved = tokensAtMost(messages)
      const begun = await gateway.begin({ cacheKey, reserve: reserved, budget: dailyTokens })
      const old = 'answer' in begun
      if (!old && !begun.granted) spent(begun.day, dailyTokens)
      const written = old
        ? begun.answer
        : begun.granted &&
          (await writer.write(gateway, { messages, language, cacheKey, day: begun.day, reserved }))
      if (!written) return null
      void memory.set(remembered, JSON.stringify(written), rememberedMs)
      return [written, old ? 'kept' : 'model']
    } finally {
      leave()
    }
  }
}

/**
 * Makes it, for `services.once`: one for all routes of a collector.
 *
 * @returns undefined where insights are switched off
 */
export function explainer(services: Services): Explain | undefined {
  const { options, log, metrics } = services
  if (options.insights === false) return undefined
  const given = metrics.counter('nunchi_insights_total', 'Insights given, by where they come from.', 'from')
  const { model } = options.insights
  const ask = model && byModel(services, model)

  return async (gateway, subject, language) => {
    const written = await ask?.(gateway, subject, language).catch((error: unknown) => {
      log.warn('an insight could not be prepared; a template stands in', { error: describeError(error) })
      return null
    })
    given.add(1, written?.[1] ?? 'template')
    const template = fromTemplate(subject, language)
    return written ? { ...template, ...written[0], source: 'model' } : template
  }
}
