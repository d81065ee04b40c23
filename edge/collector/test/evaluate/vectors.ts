/** What SQL must answer to the shared vectors, as tests for either database. */
import { expect, it } from 'vitest'
import conditions from '../../../../packages/protocol/vectors/conditions.json' with { type: 'json' }
import experiments from '../../../../packages/protocol/vectors/experiments.json' with { type: 'json' }
import hashes from '../../../../packages/protocol/vectors/hashes.json' with { type: 'json' }
import type { Ask } from './ask.ts'

/** Registers the tests. */
export function testVectors(ask: () => Ask): void {
  it('hashes every value into the bucket of the browser', async () => {
    const expression = `nunchi.bucket((one ->> 'version')::int, one ->> 'seed', one ->> 'value')`
    expect(await ask()(expression, hashes)).toEqual(hashes.map(({ bucket }) => bucket))
  })

  it('answers conditions as the browser, and says of the others that it does not', async () => {
    const expression = `nunchi.matches_condition(one -> 'condition', one -> 'attributes')`
    const expected = conditions.map(({ sql, answer }) => (sql ? answer : null))
    const actual = await ask()<boolean | null>(expression, conditions)
    const differ = conditions.flatMap((one, i) =>
      actual[i] === expected[i] ? [] : [`${JSON.stringify(one)}: ${actual[i]}`],
    )
    expect(differ).toEqual([])
  })

  it('gives every visitor the variant of the browser, for the same reason', async () => {
    const answers = await ask()<Record<string, unknown>>('nunchi.evaluate_experiment(one)', experiments)
    const differ = experiments.flatMap(({ expected, ...one }, i) => {
      const { variant, reason, inExperiment, bucket } = answers[i]!
      const actual = { variant, reason, inExperiment, bucket }
      return JSON.stringify(actual) === JSON.stringify(expected)
        ? []
        : [`${JSON.stringify(one)}: ${JSON.stringify(answers[i])} is not ${JSON.stringify(expected)}`]
    })
    expect(differ).toEqual([])
  })
}
