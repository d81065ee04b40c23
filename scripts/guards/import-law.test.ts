/** The import law holds in this repository, and each of its clauses catches who breaks it. */
import { describe, expect, it } from 'vitest'
import { expectNone } from './expect-none.ts'
import { importCycles, importLaw } from './import-law.ts'
import { packageFiles, readSources } from './source.ts'

describe('the import law', () => {
  it('is kept', () => expectNone(importLaw(readSources())))

  it('allows no cycle, by value or by type', () =>
    expectNone(importCycles([...readSources(), ...packageFiles()])))

  it.each([
    ['packages/protocol/src/a.ts', "import { b } from '@nunchi/stats'", 'may import nothing of ours'],
    ['packages/nunchi/src/a.ts', "import type { C } from '@nunchi/collector'", 'may import @nunchi/protocol'],
    [
      'packages/nunchi/src/a.ts',
      "export { s } from '@nunchi/protocol/schemas'",
      "takes '@nunchi/protocol' only",
    ],
    ['edge/collector/src/a.ts', "import { main } from '@nunchi/cli'", 'edge/collector may import'],
    ['edge/dashboard/src/a.ts', "import { app } from '@nunchi/collector'", "Write 'import type'"],
    ['edge/cli/src/a.ts', "import { a } from '../../collector/src/app.ts'", 'reaches into edge/collector'],
    ['packages/nunchi/src/a.ts', "import { q } from './queue'", 'without its extension'],
    ['packages/nunchi/src/transport/retry.ts', "import { fetcher } from './fetch.ts'", 'imports its sibling'],
    ['edge/collector/src/storage/pglite.ts', "import type { P } from './postgres.ts'", 'imports its sibling'],
    ['edge/collector/src/a.ts', "import { z } from 'zod'", 'only packages/protocol/src/schemas.ts does'],
    ['packages/protocol/src/schemas.ts', "import { z } from 'zod'", 'keeps all of it'],
    ['edge/collector/src/a.ts', "import { readFileSync } from 'node:fs'", 'runs in pages and Workers'],
    ['packages/nunchi/src/a.ts', "const fs = await import('node:fs')", 'runs in pages and Workers'],
  ])('catches %s: %s', (path, text, sentence) => {
    const found = importLaw([{ path, text }])
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(sentence)
    expect(found[0]).toContain(`${path}:1 `)
  })

  it.each([
    ['packages/nunchi/src/transport/retry.ts', "import type { Transport } from './transport.ts'"],
    ['packages/nunchi/src/transport/retry.test.ts', "import { fetcher } from './fetch.ts'"],
    ['edge/dashboard/src/a.ts', "import type { App } from '@nunchi/collector'"],
    ['packages/protocol/src/schemas.ts', "import * as z from 'zod'"],
    ['edge/collector/deploy/node/main.ts', "import { readFileSync } from 'node:fs'"],
  ])('lets %s be: %s', (path, text) => {
    expect(importLaw([{ path, text }])).toEqual([])
  })

  it('sees a cycle that runs over types, and over a package name', () => {
    const found = importCycles([
      {
        path: 'packages/a/package.json',
        text: '{ "name": "@nunchi/a", "exports": { ".": "./src/index.ts" } }',
      },
      { path: 'packages/a/src/index.ts', text: "export type { X } from './x.ts'" },
      { path: 'packages/a/src/x.ts', text: "import type { Y } from './y.ts'\nexport interface X { y: Y }" },
      {
        path: 'packages/a/src/y.ts',
        text: "import type { X } from '@nunchi/a'\nexport interface Y { x: X }",
      },
    ])
    expect(found).toEqual([expect.stringContaining('packages/a/src/x.ts → packages/a/src/y.ts')])
  })
})
