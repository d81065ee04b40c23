/** Compares the measures of a ranking with reference vectors. */
import { readFileSync } from 'node:fs'
import { rankingMetrics } from '../src/index.ts'

interface Vector {
  id: string
  method: string
  input: { relevant: (string | number)[]; ranked: (string | number)[]; k: number }
  expected: { [name: string]: number }
  tolRel: number
}

/** What became of the vectors. */
export interface VectorReport {
  asked: number
  passed: number
  /** The worst relative error. */
  worst: number
  missed: string[]
}

/** Asks the vectors of the method `rankingMetrics`; others belong to other benches. */
export function checkVectors(path: string | URL): VectorReport {
  const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: Vector[] }
  const ours = vectors.filter(({ method }) => method === 'rankingMetrics')
  let worst = 0
  const missed = ours.flatMap(({ id, input, expected, tolRel }) => {
    const { relevant, ranked, k } = input
    const answer: { [name: string]: number } = {
      ...rankingMetrics({ ranked, relevant: new Set(relevant), k }),
    }
    return Object.entries(expected).flatMap(([name, value]) => {
      const actual = answer[name] ?? Number.NaN
      const error = actual === value ? 0 : Math.abs(actual - value) / Math.abs(value)
      worst = Math.max(worst, error)
      return error <= tolRel ? [] : [`${id}: ${name} is ${actual}, not ${value}`]
    })
  })
  const wrong = new Set(missed.map((sentence) => sentence.split(':')[0]))
  return { asked: ours.length, passed: ours.length - wrong.size, worst, missed }
}
