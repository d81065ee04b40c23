/** Declarations point at the files that are built, in each dialect. */
import { expect, it } from 'vitest'
import { rewriteSpecifiers } from './build.ts'

it('turns every relative specifier into that of the file beside it', () => {
  const declaration = [
    "import type { Event } from './event.ts'",
    "export type { Page } from '../page/context.tsx'",
    'export declare const later: () => Promise<typeof import("./queue.ts")>',
    "import './global.ts'",
  ].join('\n')
  expect(rewriteSpecifiers(declaration, '.cjs')).toBe(
    [
      "import type { Event } from './event.cjs'",
      "export type { Page } from '../page/context.cjs'",
      'export declare const later: () => Promise<typeof import("./queue.cjs")>',
      "import './global.cjs'",
    ].join('\n'),
  )
})

it('leaves packages, and texts that look like one, alone', () => {
  const declaration = "import type { Event } from '@nunchi/protocol'\nexport type File = './a.ts' | 'b.ts'"
  expect(rewriteSpecifiers(declaration, '.js')).toBe(declaration)
})
