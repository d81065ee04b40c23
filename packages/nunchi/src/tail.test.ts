import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorld, entry, type World } from './test/fake-world.ts'

let world: World

beforeEach(() => {
  vi.useFakeTimers()
  world = createWorld()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('reliability 21: a tail', () => {
  const adopt = async (tail: unknown) => {
    world.local.set('tail.other', tail)
    world.openTab().show()
    await vi.advanceTimersByTimeAsync(5000)
    return world.local.get('tail.other')
  }

  it.for([{ v: 2, packed: 'x' }, [{ v: 2 }], [entry(), { v: 2 }], [null], 'text', 7])(
    'that another version has written in its own way stays for that version: %j',
    async (tail) => {
      expect(await adopt(tail)).toEqual(tail)
      expect(world.stored.size).toBe(0)
    },
  )

  it('of this format, with more fields than we know, is adopted and gone', async () => {
    const known = { ...entry(), addedLater: true }
    expect(await adopt([known])).toBeUndefined()
    expect([...world.stored.keys()]).toEqual([known.id])
  })

  it.for([null, []])('that says nothing is taken away: %j', async (tail) => {
    expect(await adopt(tail)).toBeUndefined()
  })
})
