import { describe, expect, it } from 'vitest'
import { rig, someBatch } from '../../test/rig.ts'

describe('/health/live', () => {
  it('is 200 as long as the process answers, with or without a database', async () => {
    const { get, state } = await rig()
    state.fail = new Error('gone')
    expect((await get('/health/live')).status).toBe(200)
  })
})

describe('/health/ready', () => {
  it('is 200 while the database answers, which is asked at most once a second', async () => {
    let clock = Date.now()
    const { get, calls } = await rig({ now: () => clock })
    for (let i = 0; i < 5; i++) expect((await get('/health/ready')).status).toBe(200)
    expect(calls).toEqual(['health'])
    clock += 1_000
    expect(await (await get('/health/ready')).json()).toMatchObject({ ready: true, storage: { version: 2 } })
    expect(calls).toEqual(['health', 'health'])
  })

  it('asks a database that hangs only once, however many probe', async () => {
    let release = (): void => {}
    const { get, state, calls } = await rig()
    state.wait = new Promise((resolve) => {
      release = resolve
    })
    const probes = [get('/health/ready'), get('/health/ready'), get('/health/ready')]
    release()
    for (const probe of probes) expect((await probe).status).toBe(200)
    expect(calls).toEqual(['health'])
  })

  it('is 503 while the database fails, and recovers alone', async () => {
    let clock = Date.now()
    const { get, state } = await rig({ now: () => clock })
    state.fail = Object.assign(new Error('nunchi.secret'), { code: '53100' })
    const response = await get('/health/ready')
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('secret')
    delete state.fail
    clock += 1_000
    expect((await get('/health/ready')).status).toBe(200)
  })

  it('is 503 while the database answers and stores nothing (full, read-only), and recovers alone', async () => {
    let clock = Date.now()
    const { get, post, state } = await rig({ now: () => clock })
    expect((await get('/health/ready')).status).toBe(200)
    state.failIngest = Object.assign(new Error('could not extend file'), { code: '53100' })
    expect((await post(someBatch())).status).toBe(503)
    expect(await (await get('/health/ready')).json()).toMatchObject({ ready: false, failing: true })
    clock += 1_000
    delete state.failIngest
    expect((await post(someBatch())).status).toBe(202)
    expect((await get('/health/ready')).status).toBe(200)
  })

  it('is 200 again some seconds after a failure when no batch comes: somebody has to try', async () => {
    let clock = Date.now()
    const { get, post, state } = await rig({ now: () => clock })
    state.failIngest = Object.assign(new Error('read-only'), { code: '25006' })
    expect((await post(someBatch())).status).toBe(503)
    for (let second = 0; second < 5; second++) {
      expect((await get('/health/ready')).status).toBe(503)
      clock += 1_000
    }
    expect((await get('/health/ready')).status).toBe(200)
  })

  it('is 503 once the collector drains', async () => {
    const { get, collector } = await rig()
    collector.drain()
    expect((await get('/health/ready')).status).toBe(503)
    await collector.close()
    expect(await (await get('/health/ready')).json()).toMatchObject({ ready: false, draining: true })
  })

  it('is 503 after the process stood still', async () => {
    let clock = Date.now()
    const { get } = await rig({ now: () => clock })
    clock += 5_000
    expect(await (await get('/health/ready')).json()).toMatchObject({ ready: false, stalled: true })
  })
})
