/** What site owners copy: a stub that is small and harmless, and a tag with their key. */
import { createContext, runInContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { moduleCode, scriptTag } from './snippet.ts'

const tag = scriptTag('nk_pub_x', 'https://events.example', '1.2.3')
const stub = /<script>(.*?)<\/script>/.exec(tag)![1]!

function page(before = {}) {
  const window: Record<string, unknown> = before
  createContext(Object.assign(window, { window }))
  runInContext(stub, window)
  return window as { nunchi: { q: unknown[][]; [method: string]: unknown } }
}

describe('the script tag', () => {
  it('names the key, the host and the version', () => {
    expect(tag).toContain('data-key="nk_pub_x" data-host="https://events.example"')
    expect(tag).toContain('src="https://cdn.jsdelivr.net/npm/nunchi@1.2.3/dist/nunchi.global.js"')
  })

  it('begins with a stub of at most 300 bytes that records calls with their time', () => {
    expect(Buffer.byteLength(`<script>${stub}</script>`)).toBeLessThanOrEqual(300)
    const { nunchi } = page()
    for (const method of ['track', 'identify', 'page', 'group', 'alias', 'reset', 'flush'])
      (nunchi[method] as (...args: unknown[]) => void)('a', { b: 1 })
    expect(nunchi.q).toHaveLength(7)
    expect(nunchi.q[0]).toEqual(['track', expect.any(Number), 'a', { b: 1 }])
  })

  it('records a thousand calls and no more, where the script never comes', () => {
    const { nunchi } = page()
    for (let call = 0; call < 1500; call++) (nunchi['track'] as (name: string) => void)('a')
    expect(nunchi.q).toHaveLength(1000)
  })

  it('leaves a nunchi that is there already', () => {
    const there = { q: [['track', 1, 'earlier']] }
    expect(page({ nunchi: there }).nunchi).toBe(there)
  })
})

describe('the module code', () => {
  it('creates a client with the key and the host', () => {
    expect(moduleCode('nk_pub_x', 'https://e.example')).toContain(
      "createNunchi({ key: 'nk_pub_x', host: 'https://e.example', use: [pageViews()] })",
    )
  })
})
