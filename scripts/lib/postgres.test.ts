/** The Postgres servers that the tests run against, and that what is missing gets a reason. */
import { describe, expect, inject, it } from 'vitest'
import { startPostgres } from './postgres-server.ts'

const { servers, missing } = inject('postgres')

describe('the tests have a real Postgres', () => {
  it.each(servers)('$name', ({ url }) => {
    expect(url).toMatch(/^postgres(ql)?:\/\//)
  })

  for (const reason of missing) it(reason, (test) => test.skip(reason))

  it('and are told why one does not start', async () => {
    await expect(startPostgres('/nowhere')).rejects.toThrow(/nowhere.*ENOENT|root/)
  })
})
