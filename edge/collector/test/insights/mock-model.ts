/** A language model that is none: an OpenAI-compatible endpoint that answers, or misbehaves, as a test says. */
import type { AddressInfo, Socket } from 'node:net'
import { type HttpBindings, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { type GuardedFetch, guardedFetch } from '../../src/guarded-fetch.ts'
import type { ModelOptions } from '../../src/insights/insights-options.ts'

/** What came, as it came. */
export interface Heard {
  path: string
  authorization: string
  text: string
  body: {
    model: string
    messages: { role: string; content: string }[]
    response_format: { type: string; json_schema: { strict: boolean; schema: object } }
    [member: string]: unknown
  }
}

type Answering = (heard: Heard, socket: Socket) => Response | Promise<Response>

/** The mock. */
export interface MockModel {
  /** What has come so far. */
  heard: Heard[]
  /** How the next requests are answered, one after the other; the last one for all that follow. */
  answers: Answering[]
  /** How many connections were opened, whatever came over them. */
  connections(): number
  /** May call this mock and nothing else. */
  fetch: GuardedFetch
  /** The settings of a collector that asks it. */
  model(more?: Partial<ModelOptions>): ModelOptions
  close(): Promise<void>
}

/** What must stand in no prompt, no log and no answer. */
export const mockKey = 'sk-mock-9f2c71d4e8b35a60'

/** What a model that does as it is told says of two people. */
export const goodAnswer: { compatibility: string; reasons: string[]; starters: string[] } = {
  compatibility: 'You two like the same quiet things, and you have plenty to talk about.',
  reasons: ['You both like tea.', 'You both speak English.'],
  starters: [
    'Which tea do you drink first thing in the morning?',
    'Where was your last walk?',
    'Tell me of a good book.',
  ],
}

/** A whole answer. */
export const says = (content: unknown, more: object = {}): Response =>
  Response.json({
    choices: [
      {
        message: {
          role: 'assistant',
          content: typeof content === 'string' ? content : JSON.stringify(content),
        },
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 400, completion_tokens: 100, total_tokens: 500 },
    ...more,
  })

/** An answer in pieces; `end` says whether the last piece comes. */
export function streams(text: string, end: boolean): Response {
  const pieces = text.match(/[\s\S]{1,20}/g) ?? []
  const lines = pieces.map((content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`)
  const body =
    lines.join('') + (end ? 'data: {"choices":[],"usage":{"total_tokens":321}}\n\ndata: [DONE]\n\n' : '')
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

/** An answer that breaks off behind `body`. */
export const cut =
  (body: string): Answering =>
  (_, socket) =>
    new Response(
      new ReadableStream({
        start(control) {
          control.enqueue(new TextEncoder().encode(body))
          setTimeout(() => socket.destroy(), 20)
        },
      }),
      { headers: { 'content-type': 'application/json' } },
    )

/** A refusal. */
export const status =
  (code: number, retryAfter = '0'): Answering =>
  () =>
    new Response('no', { status: code, headers: { 'retry-after': retryAfter } })

/** Starts it on a port of its own. */
export async function mockModel(): Promise<MockModel> {
  const heard: Heard[] = []
  const answers: Answering[] = []
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.post('/v1/chat/completions', async (c) => {
    const text = await c.req.text()
    const one = {
      path: c.req.path,
      authorization: c.req.header('authorization') ?? '',
      text,
      body: JSON.parse(text),
    }
    heard.push(one)
    const answering = answers.length > 1 ? answers.shift() : answers[0]
    return (answering ?? (() => says(goodAnswer)))(one, c.env.incoming.socket)
  })
  let connections = 0
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => (server.listening ? resolve() : server.once('listening', resolve)))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    heard,
    answers,
    connections: () => connections,
    fetch: guardedFetch({ allow: [host] }),
    model: (more = {}) => ({ url: `http://${host}/v1`, key: mockKey, name: 'mock', ...more }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
