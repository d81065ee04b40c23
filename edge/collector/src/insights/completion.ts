/** The answer of a chat completions endpoint, whole or as a stream of pieces, read as far as we need it. */
import { ModelError } from './model-error.ts'

/** What a model said, and what it cost. */
export interface Completion {
  text: string
  /** Tokens of question and answer; undefined where it does not say. */
  tokens: number | undefined
}

interface Choice {
  message?: { content?: unknown; refusal?: unknown; tool_calls?: unknown }
  delta?: { content?: unknown; tool_calls?: unknown }
  finish_reason?: unknown
}

interface Body {
  choices?: Choice[]
  usage?: { total_tokens?: unknown } | null
}

const broken = (message: string) => new ModelError('broken', message, { spent: true })

function parse(text: string): Body {
  try {
    const body = JSON.parse(text) as unknown
    if (typeof body === 'object' && body !== null) return body
  } catch {
    // Told below, without what it was.
  }
  throw broken('The answer is not JSON.')
}

const tokensOf = ({ usage }: Body): number | undefined => {
  const tokens = usage?.total_tokens
  return Number.isSafeInteger(tokens) && (tokens as number) >= 0 ? (tokens as number) : undefined
}

function ended(reason: unknown): void {
  if (reason === 'length') throw broken('The answer was cut at its limit of tokens.')
  if (reason !== 'stop' && reason !== null && reason !== undefined)
    throw broken('The answer ended for another reason than being complete.')
}

function whole(text: string): Completion {
  const body = parse(text)
  const [choice] = Array.isArray(body.choices) ? body.choices : []
  const { content, refusal, tool_calls: tools } = choice?.message ?? {}
  if (refusal) throw broken('The model declined to answer.')
  if (tools !== undefined && tools !== null && !(Array.isArray(tools) && tools.length === 0))
    throw broken('The model asks for a tool, and has none.')
  if (typeof content !== 'string') throw broken('The answer has no text.')
  ended(choice?.finish_reason)
  return { text: content, tokens: tokensOf(body) }
}

/** Some servers stream although they were not asked to. A stream without its end broke off. */
function streamed(text: string): Completion {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith('data:'))
  const pieces = lines.map((line) => line.slice(5).trim())
  if (pieces.at(-1) !== '[DONE]') throw broken('The stream broke off.')
  const bodies = pieces.slice(0, -1).map(parse)
  const choices = bodies.flatMap(({ choices }) => (Array.isArray(choices) ? choices.slice(0, 1) : []))
  for (const { finish_reason: reason } of choices) ended(reason)
  const said = choices.map(({ delta }) => (typeof delta?.content === 'string' ? delta.content : ''))
  return { text: said.join(''), tokens: bodies.map(tokensOf).findLast((tokens) => tokens !== undefined) }
}

/**
 * Reads it.
 *
 * @throws ModelError `broken`
 */
export function readCompletion(text: string, contentType: string | null): Completion {
  return contentType?.includes('text/event-stream') ? streamed(text) : whole(text)
}
