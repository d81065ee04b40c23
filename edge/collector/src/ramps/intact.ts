/** Whether the flag or experiment is still as the ramp left it: what somebody changed by hand ends the ramp. */
import type { ConfigDefinition } from '@nunchi/protocol'
import { type Ramp, type RampReason, whole } from './ramp.ts'
import { reasons } from './words.ts'

function own<Value>(all: { [key: string]: Value }, key: string): Value | undefined {
  return Object.hasOwn(all, key) ? all[key] : undefined
}

/** Why the ramp is over, if it is. */
export function broken(ramp: Ramp, { flags, experiments }: ConfigDefinition): RampReason | undefined {
  const { kind, key, experiment, revision, plan, step } = ramp
  const found = own(experiments, experiment)
  if (!found)
    return reasons.changed(
      `the experiment "${experiment}" was deleted`,
      `실험 "${experiment}"이(가) 삭제되었습니다`,
    )
  if (found.status !== 'running')
    return reasons.changed(`the experiment is ${found.status}`, `실험 상태가 ${found.status}입니다`)
  if (found.revision !== revision)
    return reasons.changed(
      `the experiment has revision ${found.revision}, not ${revision}`,
      `실험의 개정이 ${revision}에서 ${found.revision}(으)로 바뀌었습니다`,
    )
  if ((found.coverage ?? whole) !== plan.steps[step]?.coverage)
    return reasons.changed('its coverage was changed by hand', '비율을 사람이 바꾸었습니다')
  if (kind === 'experiment') return undefined
  const flag = own(flags, key)
  if (!flag) return reasons.changed(`the flag "${key}" was deleted`, `플래그 "${key}"이(가) 삭제되었습니다`)
  if (flag.enabled === false)
    return reasons.changed(`the flag "${key}" was disabled`, `플래그 "${key}"이(가) 꺼졌습니다`)
  if (!flag.rules?.some((rule) => rule.experiment === experiment))
    return reasons.changed(
      `the flag "${key}" no longer asks the experiment`,
      `플래그 "${key}"이(가) 더 이상 이 실험을 쓰지 않습니다`,
    )
  return undefined
}
