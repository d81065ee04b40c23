/** Compares what the package answers with reference vectors, number by number, and says which differ and by how much. */
import { methods, type Output, Refused, type Value } from './methods.ts'

/** One reference vector: a method asked with an input, and what must come out. */
export interface Vector {
  id: string
  method: string
  input: { [name: string]: Value }
  expected: { [name: string]: Value }
  /** The relative error that the reference itself allows. */
  tolRel: number
}

/** What became of a method's vectors. */
export interface MethodReport {
  method: string
  vectors: number
  /** The worst relative error among its numbers. */
  worst: number
  /** A sentence for each vector that missed. */
  missed: string[]
  milliseconds: number
}

/** Answers of another program, or of another package: no vectors of this one. */
export const elsewhere: readonly string[] = ['gbstatsParity', 'rankingMetrics']

/**
 * Vectors whose input lost, when it was written with 15 digits, what its expectation tells: 1e15 + 1 and 1e15 + 2 became
 * 1e15, and three equal numbers have no variance of 1.
 */
export const repaired: { [id: string]: Vector['input'] } = {
  'welford-1e15': { chunks: [[1e15], [1e15 + 1, 1e15 + 2]] },
}

/**
 * p values below this are compared as zero. A limit of an interval that is zero but for the reference's own rounding
 * (3e-52) is, too: nothing else here is that small. A chi-square of shares exactly as planned is what rounding leaves of the
 * weights (0.1 is no double), and the error of a logarithm is the relative error of what it is the logarithm of.
 */
const floors: { [name: string]: number } = {
  wilsonA: 1e-40,
  wilsonB: 1e-40,
  newcombeCi: 1e-40,
  chi2: 1e-20,
  logBayesFactor: 1e-14,
  logEValue: 1e-14,
  logLambda: 1e-14,
}
const floor = 1e-300

function number(value: Value): number {
  if (typeof value === 'number') return value
  if (value === 'Infinity' || value === '-Infinity') return Number(value)
  throw new Error(`${JSON.stringify(value)} is no number`)
}

/** The relative error of each number, Infinity where one is missing or not of the same shape. */
function errors(actual: unknown, expected: Value, smallest: number): number[] {
  if (expected === null) return [actual === null ? 0 : Number.POSITIVE_INFINITY]
  if (Array.isArray(expected))
    return Array.isArray(actual) && actual.length === expected.length
      ? expected.flatMap((one, i) => errors(actual[i], one, smallest))
      : [Number.POSITIVE_INFINITY]
  if (typeof expected === 'object')
    return Object.entries(expected).flatMap(([name, one]) =>
      errors((actual as Output)?.[name], one, smallest),
    )
  const wanted = number(expected)
  if (typeof actual !== 'number' || Number.isNaN(actual)) return [Number.POSITIVE_INFINITY]
  const apart = actual === wanted ? 0 : Math.abs(actual - wanted)
  return [apart <= smallest ? 0 : apart / Math.abs(wanted)]
}

function checkOne({ id, method, input, expected, tolRel }: Vector): { worst: number; fault?: string } {
  const run = methods[method]
  const missed = (why: string) => ({ worst: Number.POSITIVE_INFINITY, fault: `${id}: ${why}` })
  if (!run) return missed(`there is no method ${method}`)
  try {
    const output = run(repaired[id] ?? input)
    let worst = 0
    const wrong: string[] = []
    for (const [name, value] of Object.entries(expected)) {
      if (name === 'note') continue
      const error = Math.max(0, ...errors(output[name], value, floors[name] ?? floor))
      worst = Math.max(worst, error)
      if (error > tolRel)
        wrong.push(`${name} is ${JSON.stringify(output[name])}, not ${JSON.stringify(value)}`)
    }
    return wrong.length > 0 ? { worst, fault: `${id}: ${wrong.join('; ')}` } : { worst }
  } catch (error) {
    // Where nothing is defined, a refusal is the answer.
    const nothing = Object.entries(expected).every(([name, value]) => name === 'note' || value === null)
    if (nothing && error instanceof Refused) return { worst: 0 }
    return missed((error as Error).message)
  }
}

/** Asks all vectors; those of `elsewhere` are left out. */
export function checkVectors(vectors: readonly Vector[]): MethodReport[] {
  const ours = vectors.filter(({ method }) => !elsewhere.includes(method))
  return [...Map.groupBy(ours, ({ method }) => method)].map(([method, some]) => {
    const start = performance.now()
    const results = some.map(checkOne)
    return {
      method,
      vectors: some.length,
      worst: Math.max(...results.map(({ worst }) => worst)),
      missed: results.flatMap(({ fault }) => (fault ? [fault] : [])),
      milliseconds: performance.now() - start,
    }
  })
}
