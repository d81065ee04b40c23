/** What every cache must do, as cases that any test runner can run. */
import type { Cache } from './cache.ts'

/** A cache, and the way to let time pass for it. */
export interface CacheUnderTest {
  cache: Cache
  /** Lets so many ms pass. */
  wait(ms: number): Promise<void>
}

/** One case: a sentence, and what proves it. */
export interface CacheCase {
  name: string
  run(under: CacheUnderTest): Promise<void>
}

async function holds(cache: Cache, key: string, expected: string | undefined): Promise<void> {
  const actual = await cache.get(key)
  if (actual !== expected)
    throw new Error(
      `${key}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)?.slice(0, 80)}`,
    )
}

/** Texts that something on the way might change. */
const texts = ['', ' ', '0', 'null', '{"a":"눈치 🍵 \\u0000"}', '\r\n$5\r\n', 'x'.repeat(300_000)]

/** The cases. Each takes a key of its own, so that one cache will do for all. */
export const cacheContract: CacheCase[] = [
  {
    name: 'has nothing under a key that nothing was kept under',
    run: ({ cache }) => holds(cache, 'never', undefined),
  },
  {
    name: 'gives back each text as it was',
    async run({ cache }) {
      for (const [i, text] of texts.entries()) await cache.set(`text ${i}`, text, 60_000)
      for (const [i, text] of texts.entries()) await holds(cache, `text ${i}`, text)
    },
  },
  {
    name: 'keeps the last of two texts, and its time',
    async run({ cache, wait }) {
      await cache.set('twice', 'one', 60)
      await cache.set('twice', 'two', 60_000)
      await wait(120)
      await holds(cache, 'twice', 'two')
    },
  },
  {
    name: 'forgets when the time is over, and not before',
    async run({ cache, wait }) {
      await cache.set('long', 'b', 60_000)
      // A machine may pause for longer than the text is kept: then its absence tells nothing.
      for (let ms = 150; ; ms *= 2) {
        const began = Date.now()
        await cache.set('short', 'a', ms)
        const found = await cache.get('short')
        if (found === undefined && Date.now() - began >= ms) continue
        if (found !== 'a') throw new Error(`short: expected "a", got ${JSON.stringify(found)}`)
        await wait(2 * ms)
        break
      }
      await holds(cache, 'short', undefined)
      await holds(cache, 'long', 'b')
    },
  },
  {
    name: 'forgets what it is told to, also what is not there',
    async run({ cache }) {
      await cache.set('gone', 'a', 60_000)
      await cache.set('stays', 'b', 60_000)
      await cache.delete('gone')
      await cache.delete('gone')
      await holds(cache, 'gone', undefined)
      await holds(cache, 'stays', 'b')
    },
  },
  {
    name: 'tells keys apart by every character',
    async run({ cache }) {
      const keys = ['a b', 'a  b', 'A b', 'a:b', 'a*b', 'a\nb', '가', '가']
      for (const key of keys) await cache.set(key, `value of ${key}`, 60_000)
      for (const key of keys) await holds(cache, key, `value of ${key}`)
    },
  },
]
