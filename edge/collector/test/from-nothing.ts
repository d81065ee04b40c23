/** Makes a change as if nothing had been published before: for tests of what a change does to a definition. */
import type { ConfigDefinition } from '@nunchi/protocol'
import { type Change, type MakeChange, nothingYet } from '../src/manage/change.ts'

/** `make`, to be called with the definition alone. */
export function fromNothing<Given extends unknown[]>(
  make: (...given: Given) => MakeChange,
): (...given: Given) => (definition: ConfigDefinition) => Change {
  return (...given) =>
    (definition) =>
      make(...given)(definition, nothingYet)
}
