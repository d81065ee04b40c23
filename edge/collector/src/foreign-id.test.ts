import { canonicalJson, isEventId, uuidTime } from '@nunchi/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foreignId } from './foreign-id.ts'

const times = fc.integer({ min: 0, max: 253_402_300_799_999 })

describe('a foreign id', () => {
  it('stands as it is for all time: a row written years ago is found again', async () => {
    expect(await foreignId('p1', 'id m-1', 1_732_000_000_000)).toBe('0193433e-a800-8de7-9e80-d0abb97a4d11')
  })

  it('is a UUID of version 8 that holds the event’s own time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string({ unit: 'grapheme' }), times, async (project, name, ms) => {
        const id = await foreignId(project, name, ms)
        expect(isEventId(id)).toBe(true)
        expect(id[14]).toBe('8')
        expect(uuidTime(id)).toBe(ms)
      }),
    )
  })

  it('is another for another project, another name, another time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uuid(), fc.string(), times), { minLength: 2, maxLength: 20 }),
        async (given) => {
          const ids = await Promise.all(given.map(([project, name, ms]) => foreignId(project, name, ms)))
          expect(new Set(ids).size).toBe(new Set(given.map((one) => JSON.stringify(one))).size)
        },
      ),
    )
  })
})

describe('the canonical text', () => {
  it('does not depend on the order of keys, and loses nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as never)
        // The numbers of JSON: no -0.
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        const backwards = (node: unknown): unknown =>
          Array.isArray(node)
            ? node.map(backwards)
            : node && typeof node === 'object'
              ? Object.fromEntries(
                  Object.entries(node)
                    .reverse()
                    .map(([key, one]) => [key, backwards(one)]),
                )
              : node
        expect(canonicalJson(backwards(value) as never)).toBe(text)
      }),
    )
  })
})
