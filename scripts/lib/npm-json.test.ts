/** `--json FILE` means the same with and without npm's `--`. */
import { expect, it } from 'vitest'
import { withNpmJson } from './npm-json.ts'

const eaten = { npm_config_json: 'true' }

it('gives back what npm took', () => {
  expect(withNpmJson(['kpi', 'out.json'], eaten)).toEqual(['kpi', '--json', 'out.json'])
})

it('leaves arguments alone that npm left alone', () => {
  expect(withNpmJson(['kpi', '--json', 'out.json'], eaten)).toEqual(['kpi', '--json', 'out.json'])
  expect(withNpmJson(['kpi', 'out.json'], {})).toEqual(['kpi', 'out.json'])
  expect(withNpmJson(['kpi'], eaten)).toEqual(['kpi'])
})
