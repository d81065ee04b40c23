/** Random experiments and visitors to TypeScript and to SQL: both must answer the same. */
import {
  type Config,
  compile,
  type Experiment,
  evaluateExperiment,
  fullEvaluator,
  type JsonObject,
} from '@nunchi/protocol'
import { expect, it } from 'vitest'
import type { Ask } from './ask.ts'

const size = 1000

/** A small generator that one number starts again (mulberry32). */
function random(seed: number) {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (n: number): number => Math.floor(next() * n)
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)]!
  return { below, pick, maybe: (chance: number): boolean => next() < chance }
}

type Random = ReturnType<typeof random>

const texts = ['a', 'b', 'KR', '한국', '👩‍👩‍👧', 'e\u0301', '', '1', 'true'] as const
const scalars = [...texts, 0, 1, 2, -1, 1.5, 18, true, false, null]

function condition({ below, pick, maybe }: Random, depth = 0): JsonObject {
  const inner = (): JsonObject[] =>
    Array.from({ length: below(3) }, () => condition({ below, pick, maybe }, depth + 1))
  if (depth < 2 && maybe(0.3))
    return pick([{ $and: inner() }, { $or: inner() }, { $not: condition({ below, pick, maybe }, depth + 1) }])
  const list = Array.from({ length: below(4) }, () => pick(scalars))
  const operand = pick<JsonObject>([
    { $eq: pick(scalars) },
    { $ne: pick(scalars) },
    { $in: list },
    { $nin: list },
    { $exists: maybe(0.5) },
    { $gte: below(20), $lt: below(40) },
    { $lte: below(20) },
    { $gt: below(20) - 1 },
    { $not: { $in: list } },
    // Of these SQL says that it does not know.
    { $regex: '^a' },
    { $lt: 'm' },
  ])
  return { [pick(['x', 'y', 'o.z', 'age'])]: maybe(0.2) ? pick(scalars) : operand }
}

function experiment(chance: Random): Experiment {
  const { below, pick, maybe } = chance
  const ppm = (): number => below(1_000_001)
  const range = (): [number, number] => {
    const start = ppm()
    return [start, Math.min(1_000_000, start + ppm())]
  }
  const variants = Array.from({ length: 2 + below(4) }, (_, i) => ({
    key: `v${i}`,
    weight: pick([0, 1, 333_333, ppm()]) + (i === 0 ? 1 : 0),
    ...(i === 1 && maybe(0.5) ? { isControl: true } : {}),
  }))
  const version = (): 1 | 2 | 3 => pick([1, 2, 3] as const)
  return {
    status: maybe(0.9) ? 'running' : pick(['draft', 'paused', 'completed'] as const),
    revision: 1 + below(9),
    variants,
    ...(maybe(0.5) ? { coverage: ppm() } : {}),
    ...(maybe(0.2) ? { ranges: variants.map(range) } : {}),
    ...(maybe(0.6) ? { hashVersion: version() } : {}),
    ...(maybe(0.4) ? { seed: pick(texts) } : {}),
    ...(maybe(0.3) ? { attribute: 'userId', fallback: pick(['anonymousId', 'x']) } : {}),
    ...(maybe(0.3)
      ? {
          namespaces: [
            {
              name: pick(texts),
              ranges: [range()],
              ...(maybe(0.5) ? { hashVersion: version() } : {}),
              ...(maybe(0.3) ? { holdout: true, attribute: 'anonymousId' } : {}),
            },
          ],
        }
      : {}),
    ...(maybe(0.5) ? { condition: condition(chance) } : {}),
    ...(maybe(0.2) ? { schedule: { start: below(100), end: below(200) } } : {}),
    ...(maybe(0.1) ? { forced: { u1: 'v1', 한국: 'v0' } } : {}),
    ...(maybe(0.05) ? { force: 'v1' } : {}),
    ...(maybe(0.1) ? { winner: pick(['v0', 'v1', 'v9']) } : {}),
    ...(maybe(0.02) ? { urls: [{ type: 'simple', pattern: '*' } as const] } : {}),
  }
}

function attributes({ below, pick, maybe }: Random): JsonObject {
  const unit = pick([
    `u${below(5)}`,
    `visitor-${below(1e6)}`,
    `방문자 ${below(1e6)}`,
    `👍🏽${below(1e6)}`,
    `\ud83d${below(1e6)}`,
    below(1e6),
    true,
    '',
    0,
  ])
  return {
    ...(maybe(0.95) ? { anonymousId: unit } : {}),
    ...(maybe(0.5) ? { userId: `u${below(1000)}` } : {}),
    ...(maybe(0.8) ? { x: maybe(0.2) ? [pick(scalars), pick(scalars)] : pick(scalars) } : {}),
    ...(maybe(0.5) ? { y: pick(scalars) } : {}),
    ...(maybe(0.7) ? { age: below(60) } : {}),
    ...(maybe(0.5) ? { o: maybe(0.8) ? { z: pick(scalars) } : pick(scalars) } : {}),
  }
}

/** Registers the test; `PARITY_SEED` plays one run again. */
export function testParity(ask: () => Ask, rounds = 10_000): void {
  it(`answers ${rounds} random experiments and visitors as TypeScript does`, async () => {
    const seed = Number(process.env['PARITY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
    console.log(`parity of TypeScript and SQL: PARITY_SEED=${seed}`)
    const chance = random(seed)
    let decided = 0
    for (let round = 0; round < rounds; round += size) {
      const questions = Array.from({ length: size }, (_, i) => ({
        key: `test-${i}`,
        experiment: experiment(chance),
        attributes: attributes(chance),
        now: chance.below(250),
      }))
      const answers = await ask()<Record<string, unknown>>('nunchi.evaluate_experiment(one)', questions)
      const differ = questions.flatMap((one, i) => {
        const answer = answers[i]!
        if ('unsupported' in answer) return []
        decided++
        const config: Config = { version: '', flags: {}, experiments: { [one.key]: one.experiment } }
        const compiled = compile(config, fullEvaluator)
        const { value, passthrough, ...result } = evaluateExperiment(compiled, one.key, one.attributes, {
          now: one.now,
        })
        const expected = { ...result, unit: result.unit.toWellFormed() }
        const same = Object.entries(expected).every(([name, member]) => member === answer[name])
        return same
          ? []
          : [`${JSON.stringify(one)}: ${JSON.stringify(answer)} is not ${JSON.stringify(expected)}`]
      })
      expect(differ, `PARITY_SEED=${seed}`).toEqual([])
    }
    // Few are left open: those with an operator, an address or a comparison that only JavaScript has.
    expect(decided).toBeGreaterThan(rounds * 0.7)
  }, 60_000)
}
