import { describe, expect, it } from 'vitest'
import { rig, someBatch } from '../test/rig.ts'

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const headers = { 'user-agent': firefox, 'cf-ipcountry': 'KR', 'x-vercel-ip-country': 'DE' }

describe('what is stored with a batch', () => {
  it('is what the sender said of itself, and what its request says', async () => {
    const { post, batches } = await rig({ country: 'cloudflare' })
    await post(someBatch(), { headers })
    expect(batches[0]?.context).toEqual({
      locale: 'ko-KR',
      deviceClass: 'desktop',
      browser: 'Firefox',
      os: 'Linux',
      country: 'KR',
      ip: '203.0.113.0/24',
    })
  })

  it('holds no country unless the operator names the platform: any client can send its header', async () => {
    const { post, batches } = await rig()
    await post(someBatch(), { headers })
    expect(batches[0]?.context).not.toHaveProperty('country')
  })

  it('security 19: is nothing that the body claims in its place', async () => {
    const { post, batches } = await rig()
    const context = { ip: '8.8.8.8', country: 'US', bot: false, deviceClass: 'bot', browser: 'X', os: 'X' }
    await post(someBatch(undefined, { context }), { headers })
    expect(batches[0]?.context).toEqual({
      deviceClass: 'desktop',
      browser: 'Firefox',
      os: 'Linux',
      ip: '203.0.113.0/24',
    })
  })

  it('security 69: is never the whole address, neither on disk nor in the log', async () => {
    const { post, batches, lines } = await rig()
    await post(someBatch(), { headers, from: '2001:db8:1:2:3:4:5:77' })
    await post(someBatch(), { headers, from: '198.51.100.77' })
    expect(batches.map(({ context }) => (context as { ip?: string }).ip)).toEqual([
      '2001:db8:1::/48',
      '198.51.100.0/24',
    ])
    expect(`${JSON.stringify(batches)}${lines.join()}`).not.toMatch(/198\.51\.100\.77|:5:77|1:2:3/)
  })

  it('security 69: is no address at all with `ip: drop`', async () => {
    const { post, batches } = await rig({ ip: 'drop' })
    await post(someBatch(), { headers })
    expect(batches[0]?.context).not.toHaveProperty('ip')
  })

  it('is nothing of a server’s own request: its address and program are not the visitor’s', async () => {
    const { post, addKey, batches } = await rig({ country: 'cloudflare' })
    const authorization = `Bearer ${await addKey({ kind: 'srv' })}`
    await post(someBatch(), { key: '', headers: { ...headers, authorization, 'user-agent': 'curl/8' } })
    expect(batches[0]?.context).toEqual({ locale: 'ko-KR', deviceClass: 'server' })
  })
})
