/** Everything that ramps say of themselves, in English and in Korean. */
import { said } from '../results/said.ts'
import type { RampReason } from './ramp.ts'

const say = (code: string, en: string, ko: string): RampReason => ({ code, ...said(en, ko) })
const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`
const ofAll = (ppm: number): string => percent(ppm / 1_000_000)

/** A reason for each state, and for each way to wait. */
export const reasons = {
  begun: (share: number): RampReason =>
    say('begun', `Begun at ${ofAll(share)}.`, `${ofAll(share)}에서 시작했습니다.`),
  noExposures: (): RampReason =>
    say(
      'no-exposures',
      'Waits: nobody was exposed in this step yet. Look whether pages ask for the flag or experiment, and whether processing runs.',
      '대기 중: 이 단계에서 아직 노출된 방문자가 없습니다. 페이지가 플래그나 실험을 읽는지, 처리가 실행 중인지 확인하세요.',
    ),
  moreUnits: (units: number, least: number): RampReason =>
    say(
      'more-units',
      `Waits for units: ${units} of ${least} in this step.`,
      `방문자를 기다립니다: 이 단계에서 ${least}명 중 ${units}명.`,
    ),
  moreTime: (minutes: number): RampReason =>
    say(
      'more-time',
      `Waits for time: the step lasts ${minutes} more minutes at least.`,
      `시간을 기다립니다: 이 단계는 적어도 ${minutes}분 더 이어집니다.`,
    ),
  few: (metrics: string[]): RampReason =>
    say(
      'few',
      `Waits: hardly anything was counted yet of ${metrics.join(', ')}; fewer than 10 units show nothing.`,
      `대기 중: ${metrics.join(', ')}에서 아직 거의 집계되지 않았습니다. 10명 미만으로는 알 수 없습니다.`,
    ),
  unreadable: (metric: string, reason: string): RampReason =>
    say(
      'unreadable',
      `Waits: ${metric} cannot be compared (${reason}).`,
      `대기 중: ${metric}을(를) 비교할 수 없습니다 (${reason}).`,
    ),
  holds: (): RampReason =>
    say(
      'holds',
      'No guardrail is clearly hurt; the step goes on.',
      '뚜렷하게 나빠진 가드레일이 없어 단계를 계속합니다.',
    ),
  advanced: (share: number): RampReason =>
    say(
      'advanced',
      `No guardrail was clearly hurt: ${ofAll(share)} now.`,
      `뚜렷하게 나빠진 가드레일이 없어 ${ofAll(share)}(으)로 넓혔습니다.`,
    ),
  done: (): RampReason =>
    say(
      'done',
      'All steps are over, and no guardrail was clearly hurt.',
      '모든 단계가 끝났고 뚜렷하게 나빠진 가드레일이 없습니다.',
    ),
  hurt: (metric: string, control: number, treatment: number, z: number, bound: number): RampReason => {
    const figures = `${Number(control.toPrecision(4))} → ${Number(treatment.toPrecision(4))}, z ${z.toFixed(2)} ≥ ${bound.toFixed(2)}`
    return say(
      'hurt',
      `The guardrail ${metric} is clearly hurt (${figures}): rolled back.`,
      `가드레일 ${metric}이(가) 뚜렷하게 나빠져 되돌렸습니다 (${figures}).`,
    )
  },
  sampleRatio: (pValue: number): RampReason =>
    say(
      'sample-ratio',
      `The arms hold other shares of the units than planned (p ${pValue.toExponential(1)}): no figure can be believed until the cause is found.`,
      `각 안의 방문자 비율이 계획과 다릅니다 (p ${pValue.toExponential(1)}). 원인을 찾기 전에는 어떤 수치도 믿을 수 없습니다.`,
    ),
  notANumber: (metric: string, events: number, example: string): RampReason =>
    say(
      'not-a-number',
      `${events === 1 ? `One event of ${metric} carries` : `${events} events of ${metric} carry`} a text where the number should be, such as "${example}".`,
      `${metric}의 이벤트 ${events}개에 숫자 대신 "${example}" 같은 텍스트가 있습니다.`,
    ),
  changed: (what: string, korean: string): RampReason =>
    say(
      'changed',
      `Ended, because ${what}. The config stays as it is now.`,
      `종료: ${korean}. 설정은 지금 그대로 유지됩니다.`,
    ),
  refused: (detail: string): RampReason =>
    say(
      'refused',
      `The change could not be published: ${detail}`,
      `변경 사항을 게시할 수 없습니다: ${detail}`,
    ),
  byHand: (to: 'running' | 'paused' | 'stopped'): RampReason =>
    ({
      running: say('resumed', 'Resumed by hand.', '사람이 다시 시작했습니다.'),
      paused: say('paused', 'Paused by hand; the share stays.', '사람이 멈췄습니다. 비율은 그대로입니다.'),
      stopped: say('stopped', 'Stopped by hand; the share stays.', '사람이 끝냈습니다. 비율은 그대로입니다.'),
    })[to],
}
