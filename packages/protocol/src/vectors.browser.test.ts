import { expect, it } from 'vitest'
import { checkVectors } from '../vectors/check.ts'

it('come out in Chromium', () => {
  const { asked, failures } = checkVectors()
  expect(failures).toEqual([])
  expect(asked).toBeGreaterThan(1000)
})
