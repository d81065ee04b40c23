/** Projects with an experiment, and the events of those who see it: what the tests of results stand on. */
import type { ConfigDefinition, Event } from '@nunchi/protocol'
import { ownerGateway } from '../src/manage/gateway.ts'
import { publishChange } from '../src/manage/publisher.ts'
import { idAt } from './people.ts'
import { addSender, type Ground, type Sender } from './processing.ts'
import { someEvent } from './rig.ts'

/** The experiment `price`, its third revision. */
export const priceExperiment: ConfigDefinition['experiments'][string] = {
  name: 'Price first',
  hypothesis: 'Showing the price first sells more tea.',
  status: 'running',
  revision: 3,
  variants: [
    { key: 'control', weight: 500_000, isControl: true },
    { key: 'first', weight: 500_000 },
  ],
}

/** A project that runs `price`. */
export interface Shop extends Sender {
  version: string
  /** An exposure of an anonymous id at a moment. */
  seen(unit: string, variant: string, ts: number, more?: object): Event
}

/** An event that occurred at a moment, and whose id says so. */
export const happened = (ts: number, more: object): Event =>
  someEvent({ id: idAt(ts), ts, anonymousId: undefined, ...more })

/** Makes the project; `more` changes the experiment. */
export async function addShop(ground: Ground, more: object = {}): Promise<Shop> {
  const sender = await addSender(ground)
  const whose = { projectId: sender.projectId, environment: 'production' }
  const { version } = await publishChange(ownerGateway(ground.owner, whose, 'test'), () => ({
    definition: { flags: {}, experiments: { price: { ...priceExperiment, ...more } } },
    reason: 'test',
    subject: 'config',
    before: null,
    after: null,
  }))
  return {
    ...sender,
    version,
    seen: (unit, variant, ts, { attribute = 'anonymousId', ...event }: { attribute?: string } = {}) =>
      happened(ts, {
        name: 'Experiment Viewed',
        [attribute]: unit,
        ...event,
        properties: { experiment: 'price', variant, revision: 3, configVersion: version, attribute, unit },
      }),
  }
}
