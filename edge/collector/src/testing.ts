/** For authors of storage drivers: the contract that every driver must pass. */
import { type StorageUnderTest, storageCases } from './storage/contract.ts'

export type { StorageUnderTest } from './storage/contract.ts'

/** What the contract needs of a test runner; those of Vitest, Jest and `node:test` fit. */
export interface TestRunner {
  it(name: string, run: () => Promise<void>): unknown
}

/**
 * Declares one test per case of the storage contract.
 *
 * @param runner the runner's `it`, as in `testStorage({ it }, () => under)`
 * @param make gives the driver under test on a database that has nunchi's schema; called once per case, and
 *   may give the same database each time
 */
export function testStorage(
  runner: TestRunner,
  make: () => StorageUnderTest | Promise<StorageUnderTest>,
): void {
  for (const { name, run } of storageCases) runner.it(name, async () => run(await make()))
}
