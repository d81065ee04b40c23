import { describe, expect, it } from 'vitest'
import { rig } from '../../test/rig.ts'
import { basic, send } from '../../test/segment/send.ts'

describe('what the clients load', () => {
  it('names this collector to analytics.js', async () => {
    const { get, key } = await rig()
    const response = await get(`/v1/projects/${key}/settings`, { origin: 'https://shop.example' })
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(await response.json()).toMatchObject({
      integrations: { 'Segment.io': { apiKey: key, apiHost: 'collector.example/v1', protocol: 'https' } },
      metrics: { sampleRate: 0 },
    })
  })

  it.each(['/sourceConfig', '/sourceConfig/'])(
    'is a source without destinations for RudderStack: %s',
    async (path) => {
      const { get, key } = await rig()
      const config = { source: { writeKey: key, enabled: true, destinations: [] } }
      expect(await (await get(`${path}?writeKey=${key}`)).json()).toMatchObject(config)
      expect(await (await get(path, { authorization: basic(key) })).json()).toMatchObject(config)
    },
  )

  it('asks no database, so that clients start while it is away', async () => {
    const { get, key, calls } = await rig()
    await get(`/v1/projects/${key}/settings`)
    await get(`/sourceConfig?writeKey=${key}`)
    expect(calls).toEqual([])
  })

  it('is refused to what is no public key', async () => {
    const { get, addKey } = await rig()
    const server = await addKey({ kind: 'srv' })
    expect((await get('/v1/projects/nk_pub_x/settings')).status).toBe(401)
    expect((await get(`/v1/projects/${server}/settings`)).status).toBe(403)
    expect((await get(`/sourceConfig?writeKey=${server}`)).status).toBe(403)
  })

  it('takes the clients’ metrics, and keeps nothing of them', async () => {
    const { collector, batches } = await rig()
    const response = await send(collector, '/v1/m', { series: [{ type: 'Counter', metric: 'x' }] })
    expect(await response.json()).toEqual({ success: true })
    expect(batches).toEqual([])
  })
})
