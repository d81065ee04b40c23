/** What the demo tries out: the layout of the shop's cards, and a present's wrapping that a part of its visitors is offered. */
import type { Storage } from '@nunchi/collector'
import {
  type ExperimentInput,
  type FlagInput,
  inForce,
  ownerGateway,
  publishChange,
  setExperiment,
  setFlag,
  startExperiment,
} from '@nunchi/collector/manage'

const cards: ExperimentInput = {
  name: 'Layout of the cards',
  hypothesis: 'Visitors who see each thing large, one beside the other, put more of them into the cart.',
  variants: [
    { key: 'patchwork', weight: 500_000, isControl: true },
    { key: 'gallery', weight: 500_000 },
  ],
}

const wrapping: FlagInput = {
  type: 'boolean',
  value: false,
  description: 'Offers to wrap presents for nothing.',
  rules: [{ id: 'ramp', value: true, rollout: { coverage: 250_000 } }],
}

/**
 * Publishes what is not there yet. What somebody has changed or ended since stays as they left it.
 *
 * @param owner storage as `nunchi_owner`
 */
export async function publishExperiments(owner: Storage, projectId: string): Promise<void> {
  const gateway = ownerGateway(owner, { projectId, environment: 'development' }, 'demo')
  const { definition, revisions } = await inForce(gateway)
  const isNew = (kind: 'flags' | 'experiments', key: string) =>
    !Object.hasOwn(definition[kind], key) && !Object.hasOwn(revisions[kind], key)
  if (isNew('flags', 'gift-wrapping')) await publishChange(gateway, setFlag('gift-wrapping', wrapping))
  // Made and not started: the demo was ended between the two.
  const made = definition.experiments['card-layout']
  if (isNew('experiments', 'card-layout') && !made)
    await publishChange(gateway, setExperiment('card-layout', cards))
  if (!made || (made.status === 'draft' && made.hypothesis === cards.hypothesis))
    await publishChange(gateway, startExperiment('card-layout'))
}
