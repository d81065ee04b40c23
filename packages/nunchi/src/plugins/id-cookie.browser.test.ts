import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLocal } from '../page/local.ts'
import { createTestClient } from '../testing.ts'
import { consent } from './consent.ts'
import { idCookie } from './id-cookie.ts'

const id = 'a1'.repeat(16)
const cookie = () => /nunchi_id=([^;]*)/.exec(document.cookie)?.[1]
const write = (value: string, age = 60) => {
  // biome-ignore lint/suspicious/noDocumentCookie: as the plugin does.
  document.cookie = `nunchi_id=${value}; path=/; max-age=${age}`
}
const clear = () => {
  write('', 0)
  localStorage.clear()
}
beforeEach(clear)
afterEach(clear)

const open = (...before: Parameters<typeof consent>[]) =>
  createTestClient({
    use: [...before.map((options) => consent(...options)), idCookie()],
    environment: { local: openLocal('id-cookie') },
  })

describe('idCookie()', () => {
  it('makes the cookie’s id the visitor’s, whoever the device knew', () => {
    localStorage['id-cookie.id'] = JSON.stringify({ anonymousId: 'b2'.repeat(16), userId: 'u1' })
    write(id)
    const client = open()
    expect([client.anonymousId, client.userId, cookie()]).toEqual([id, 'u1', id])
  })

  it('writes the visitor’s id where there is no cookie, and the new one after reset()', () => {
    const client = open()
    expect(cookie()).toBe(client.anonymousId)
    client.reset()
    expect(cookie()).toBe(client.anonymousId)
  })

  it('takes what is no id for none', () => {
    write('no')
    const client = open()
    expect(client.anonymousId).toMatch(/^[\da-f]{32}$/)
    expect(cookie()).toBe(client.anonymousId)
  })

  it('writes nothing before consent, and removes the cookie with it', () => {
    const client = open([{ mode: 'opt-in' }])
    expect(cookie()).toBe(undefined)
    const asked = client as unknown as { consent: { grant(): void; deny(): void } }
    asked.consent.grant()
    expect(cookie()).toBe(client.anonymousId)
    asked.consent.deny()
    expect(cookie()).toBe(undefined)
  })

  it('keeps none of a visitor without cookies', () => {
    write(id)
    open([{ mode: 'cookieless' }])
    expect(cookie()).toBe(undefined)
  })
})
