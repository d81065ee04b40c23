import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalCollector, localCollector } from '@nunchi/cli'
import { completeExperiment, inForce, ownerGateway, publishChange } from '@nunchi/collector/manage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migratedFolder } from '../../../edge/collector/test/migrated-pglite.ts'
import { pretendVisitors } from './crowd.ts'
import { publishExperiments } from './experiments.ts'
import { layoutResults, publishMetrics } from './results.ts'

const data = mkdtempSync(join(tmpdir(), 'nunchi-demo-experiments-'))
let local: LocalCollector
beforeAll(async () => {
  await migratedFolder(join(data, 'db'))
  local = await localCollector({ data: join(data, 'db'), project: 'demo shop', onStep() {}, log() {} })
})
afterAll(async () => {
  await local?.close()
  rmSync(data, { recursive: true, force: true })
})

const gateway = () =>
  ownerGateway(local.database.owner, { projectId: local.projectId, environment: 'development' }, 'test')

describe('the experiment and the flag of the demo', () => {
  it('are served to the page’s key, and published once however often the demo starts', async () => {
    const publish = () => publishExperiments(local.database.owner, local.projectId)
    await publish()
    const { number } = await inForce(gateway())
    const answer = await local.collector.fetch(new Request(`http://localhost/v1/config?key=${local.key}`))
    expect(await answer.json()).toMatchObject({
      flags: { 'gift-wrapping': { rules: [{ rollout: { coverage: 250_000 } }] } },
      experiments: { 'card-layout': { status: 'running' } },
    })
    await publish()
    expect((await inForce(gateway())).number).toBe(number)

    await publishChange(gateway(), completeExperiment('card-layout', 'gallery'))
    await publish()
    const { definition } = await inForce(gateway())
    expect(definition.experiments['card-layout'], 'what somebody has ended stays so').toMatchObject({
      status: 'completed',
      winner: 'gallery',
    })
  })
})

describe('the results of the demo', () => {
  it('are those of its own visitors by metrics that are published once, and stay as somebody left them', async () => {
    const { owner } = local.database
    const known = () =>
      owner.call<{ key: string; definition: { name: string } }[]>('list_metrics', {
        projectId: local.projectId,
      })
    await publishMetrics(owner, local.projectId)
    const [cart] = await known()
    await owner.call('set_metric', {
      projectId: local.projectId,
      key: 'cart',
      definition: { ...cart!.definition, name: 'Carts' },
    })
    await publishMetrics(owner, local.projectId)
    expect((await known()).map(({ key, definition }) => [key, definition.name])).toEqual([
      ['cart', 'Carts'],
      ['orders', 'Ordered'],
      ['removed', 'Took something out again'],
    ])
    expect(await layoutResults(owner, local.projectId)()).toMatchObject({ experiment: 'card-layout' })
  })

  it('say it where pretend visitors cannot come in', async () => {
    const config = async () => JSON.stringify({ version: 'v', flags: {}, experiments: {} })
    // In no experiment, nobody has anything to send.
    await pretendVisitors('http://127.0.0.1:9', 'nk_pub_none', config)(10)
    const answer = await local.collector.fetch(new Request(`http://localhost/v1/config?key=${local.key}`))
    const text = (await answer.text())
      .replace('"status":"completed"', '"status":"running"')
      .replace(/"winner":"\w+",?/, '')
    await expect(pretendVisitors('http://127.0.0.1:9', 'nk_pub_none', async () => text)(10)).rejects.toThrow()
  })
})
