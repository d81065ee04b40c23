/** Declarations point at the files that are built, in each dialect; the script tags suit a page of any encoding. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ensureScriptTag, rewriteSpecifiers, type TagName } from './build.ts'

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

it.each<TagName>(['nunchi.global', 'nunchi-experiments.global', 'nunchi-recommendations.global'])(
  'writes %s in ASCII, whatever language its sentences are in',
  async (name) => {
    const { file } = await ensureScriptTag(name)
    const text = readFileSync(file, 'utf8')
    expect(text.match(/[^\0-\x7f]/g)).toBe(null)
    expect(text).toContain('sendBeacon')
  },
)

it('keeps the sentences of the script tag as they are', async () => {
  const { file } = await ensureScriptTag('nunchi-recommendations.global')
  expect(readFileSync(file, 'utf8')).toContain('\\ubcf4\\uc2e0 \\uac83\\uacfc')
})
