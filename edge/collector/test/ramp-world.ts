/** A project with a flag, a guardrail and visitors who are given the flag by the real evaluator: what ramps are tested on. */
import { type Config, type ConfigDefinition, compile, evaluateFlag, type FlagResult } from '@nunchi/protocol'
import type { Log } from '../src/log.ts'
import { type Gateway, publishChange } from '../src/manage/publisher.ts'
import { ownerRamps, type RampGateway } from '../src/ramps/gateway.ts'
import { happened } from './experiment-grounds.ts'
import { addSender, drain, type Ground, type Sender } from './processing.ts'

/** The flag that ramps, with a rule for one country that stays. */
export const checkout: ConfigDefinition['flags'][string] = {
  type: 'boolean',
  value: false,
  revision: 1,
  rules: [{ id: 'at-home', value: true, condition: { country: 'KR' } }],
}

/** What the tests hold. */
export interface RampWorld extends Sender {
  ramps: RampGateway
  whose: { projectId: string; environment: string }
  config(): Promise<Config>
  /** Answers, by the config in force now, what the flag is for somebody. */
  reader(): Promise<(unit: string, more?: object) => FlagResult>
  /**
   * Lets new visitors come until so many of them are compared, and processes what they did.
   *
   * @param rate of each arm, how many of the compared buy: every so manyth
   * @returns those who came, with what they were given
   */
  visit(compared: number, rate: { on: number; off: number }): Promise<Map<string, FlagResult>>
  /** What the audit log says, the oldest first: action and subject. */
  audit(): Promise<{ action: string; subject: string; actor: string; after: unknown }[]>
}

/** Takes no lines. */
export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} }

const publishing = (gateway: Gateway, definition: ConfigDefinition) =>
  publishChange(gateway, () => ({ definition, reason: 'test', subject: 'config', before: null, after: null }))

/** Makes one. */
export async function rampWorld(ground: Ground): Promise<RampWorld> {
  const sender = await addSender(ground)
  const whose = { projectId: sender.projectId, environment: 'production' }
  const ramps = ownerRamps(ground.owner, whose, 'test')
  await publishing(ramps.config, { flags: { checkout }, experiments: {} })
  await ground.owner.call('set_metric', {
    projectId: sender.projectId,
    key: 'orders',
    definition: { name: 'Orders', kind: 'conversion', source: { event: 'Order Completed' } },
  })
  let came = 0
  const config = async () => (await ramps.config.read())!.config!
  return {
    ...sender,
    ramps,
    whose,
    config,
    async reader() {
      const compiled = compile(await config())
      return (unit, more = {}) => evaluateFlag(compiled, 'checkout', { anonymousId: unit, ...more })
    },
    async visit(compared, rate) {
      const present = await config()
      const compiled = compile(present)
      const visitors = new Map<string, FlagResult>()
      const events = []
      const counts = { on: 0, off: 0 }
      while (counts.on + counts.off < compared) {
        const unit = `${sender.projectId.slice(-6)}-${came++}`
        const assignments: NonNullable<Parameters<typeof evaluateFlag>[3]>['assignments'] = []
        visitors.set(unit, evaluateFlag(compiled, 'checkout', { anonymousId: unit }, { assignments }))
        const [seen] = assignments
        if (!seen) continue
        const { experiment, variant, revision, attribute } = seen
        const properties = { experiment, variant, revision, attribute, unit, configVersion: present.version }
        const arm = variant as 'on' | 'off'
        const now = Date.now()
        events.push(happened(now, { name: 'Experiment Viewed', anonymousId: unit, properties }))
        if (counts[arm]++ % rate[arm] === 0)
          events.push(happened(now + 1, { name: 'Order Completed', anonymousId: unit }))
      }
      await sender.send(events)
      await drain(ground)
      return visitors
    },
    audit: async () =>
      (await ground.query(
        `select action, subject, actor, after from nunchi.audit_log where project_id = '${sender.projectId}' order by id`,
      )) as never,
  }
}
