/** Reads the settings of insights from the environment: the language model, its budget, and what it may see. */
import type { OutgoingError } from '../../src/guarded-fetch.ts'
import type { InsightsOptions, ModelOptions } from '../../src/insights/insights-options.ts'
import { permittedUrl } from '../../src/outgoing/permitted-url.ts'

/** What is asked for it. */
export interface InsightsEnvironment {
  text(name: string): string | undefined
  whole(name: string, fallback: number, most: number): number
  fault(sentence: string): void
  /** Hosts (`host:port`) that may be private. */
  privateHosts: readonly string[]
}

const defaultUrl = 'https://api.openai.com/v1'

function urlOf({ text, fault, privateHosts }: InsightsEnvironment): string {
  const given = text('NUNCHI_AI_URL') ?? defaultUrl
  try {
    return permittedUrl(given, privateHosts).href
  } catch (error) {
    fault(
      `NUNCHI_AI_URL cannot be called: ${(error as OutgoingError).message} A model of your own is allowed by NUNCHI_ALLOW_PRIVATE_HOSTS=host:port.`,
    )
    return defaultUrl
  }
}

const limitFields = ['max_completion_tokens', 'max_tokens'] as const

function limitField({ text, fault }: InsightsEnvironment): ModelOptions['limitField'] & string {
  const given = text('NUNCHI_AI_LIMIT_FIELD') ?? limitFields[0]
  const field = limitFields.find((one) => one === given)
  if (!field) fault(`NUNCHI_AI_LIMIT_FIELD must be ${limitFields.join(' or ')}, but is "${given}".`)
  return field ?? limitFields[0]
}

const attributesOf = (list: string) => ({
  attributes: list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
})

/**
 * Reads `NUNCHI_AI_KEY NUNCHI_AI_URL NUNCHI_AI_MODEL NUNCHI_AI_DAILY_TOKENS NUNCHI_AI_ATTRIBUTES
 * NUNCHI_AI_LIMIT_FIELD`. Without a key there is no model, and templates write.
 *
 * @param on the switch `FEATURE_AI_INSIGHTS`
 */
export function readInsights(environment: InsightsEnvironment, on: boolean): InsightsOptions | false {
  const { text, whole, fault } = environment
  if (!on) return false
  const key = text('NUNCHI_AI_KEY')
  if (key === undefined) return {}
  if (!/^[\x21-\x7e]+$/.test(key))
    fault('NUNCHI_AI_KEY is no key: it holds a space or a character beyond ASCII.')
  const name = text('NUNCHI_AI_MODEL')
  if (name === undefined) fault('NUNCHI_AI_MODEL is missing: name the model that NUNCHI_AI_KEY is for.')
  const attributes = text('NUNCHI_AI_ATTRIBUTES')
  return {
    model: {
      url: urlOf(environment),
      key,
      name: name ?? '',
      dailyTokens: whole('NUNCHI_AI_DAILY_TOKENS', 200_000, 1_000_000_000),
      limitField: limitField(environment),
      ...(attributes === undefined ? {} : attributesOf(attributes)),
    },
  }
}
