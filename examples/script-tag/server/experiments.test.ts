import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalCollector, localCollector } from '@nunchi/cli'
import { completeExperiment, inForce, ownerGateway, publishChange } from '@nunchi/collector/manage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishExperiments } from './experiments.ts'

const data = mkdtempSync(join(tmpdir(), 'nunchi-demo-experiments-'))
let local: LocalCollector
beforeAll(async () => {
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
