import { describe, expect, it } from 'vitest'
import { problemOf, rig } from '../../test/rig.ts'

describe('/nunchi.js', () => {
  it('is the script, for any page, also one that checks its integrity', async () => {
    const { get } = await rig()
    const response = await get('/nunchi.js', { origin: 'https://shop.example' })
    expect(await response.text()).toBe('window.nunchi = 1')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=3600',
    })
  })

  it('is not sent again to whoever has it', async () => {
    const { get } = await rig()
    const etag = (await get('/nunchi.js')).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\da-f]{32}"$/)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await get('/nunchi.js', { 'if-none-match': known })
      expect(response.status).toBe(304)
      expect(response.headers.get('etag')).toBe(etag)
    }
    expect((await get('/nunchi.js', { 'if-none-match': '"other"' })).status).toBe(200)
  })

  it('is not there where none was given', async () => {
    const { get } = await rig({ use: [] })
    expect(await problemOf(await get('/nunchi.js'))).toMatchObject({ code: 'not_found', status: 404 })
  })
})
