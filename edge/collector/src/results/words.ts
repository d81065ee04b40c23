/** Everything that results say, in English and in Korean. */

/** One sentence in both languages. */
export interface Said {
  en: string
  ko: string
}

const said = (en: string, ko: string): Said => ({ en, ko })
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** Why there are no numbers. */
export type NoResultName =
  | 'never-ran'
  | 'no-exposures'
  | 'unknown-revision'
  | 'one-variant'
  | 'no-metrics'
  | 'not-a-number'
  | 'not-comparable'

/** What stands in for numbers: a name for programs, a sentence for people. */
export interface NoResult {
  code: NoResultName
  /** Of `not-comparable`: what the statistics said. */
  because?: string
  reason: Said
}

const because: { [reason: string]: Said } = {
  'no-units': said('one of the two has no units yet', '둘 중 한쪽에 아직 방문자가 없습니다'),
  'too-few-units': said('there are too few units', '방문자가 너무 적습니다'),
  'no-variance': said('nothing varies, so nothing can be tested', '값이 모두 같아 비교할 수 없습니다'),
  'no-conversions': said('nobody has converted yet', '아직 전환이 없습니다'),
  'control-zero': said('the control has nothing to divide by', '대조군의 분모가 0입니다'),
}

/** A sentence for each way to have no numbers. */
export const noResult = {
  neverRan: (): NoResult => ({
    code: 'never-ran',
    reason: said(
      'This experiment has not been started, so nobody saw it.',
      '아직 시작하지 않은 실험이라 본 사람이 없습니다.',
    ),
  }),
  noExposures: (): NoResult => ({
    code: 'no-exposures',
    reason: said(
      'Nobody has seen this experiment yet: no exposure of this revision was counted.',
      '아직 아무도 이 실험을 보지 않았습니다. 이 개정판의 노출이 한 건도 없습니다.',
    ),
  }),
  unknownRevision: (known: number[]): NoResult => ({
    code: 'unknown-revision',
    reason: said(
      `There is no such revision; there are ${known.join(', ')}.`,
      `그런 개정판이 없습니다. 있는 것은 ${known.join(', ')}입니다.`,
    ),
  }),
  oneVariant: (): NoResult => ({
    code: 'one-variant',
    reason: said(
      'There is one variant only, so there is nothing to compare it with.',
      '안이 하나뿐이라 비교할 대상이 없습니다.',
    ),
  }),
  noMetrics: (): NoResult => ({
    code: 'no-metrics',
    reason: said(
      'No metric judges this experiment; make one with nunchi metrics set.',
      '이 실험을 판단할 지표가 없습니다. nunchi metrics set으로 만드세요.',
    ),
  }),
  notANumber: (events: number, example: string): NoResult => ({
    code: 'not-a-number',
    reason: said(
      `In ${events} events the property is a text that is no number, such as "${example}".`,
      `이벤트 ${events}건에서 속성이 숫자가 아닌 글입니다. 예: "${example}".`,
    ),
  }),
  notComparable: (reason: string): NoResult => ({
    code: 'not-comparable',
    because: reason,
    reason: said(
      `The variants cannot be compared: ${because[reason]?.en ?? reason}.`,
      `비교할 수 없습니다: ${because[reason]?.ko ?? reason}.`,
    ),
  }),
}

/** What is said beside the numbers. */
export const words = {
  planned: (units: number, target: number): Said =>
    said(
      `Group sequential: ${units} of ${target} planned units. Looking early is allowed for; an early look needs stronger evidence.`,
      `집단 순차 검정: 계획한 ${target} 중 ${units}. 미리 보아도 되지만 일찍 볼수록 더 강한 증거가 필요합니다.`,
    ),
  unplanned: (): Said =>
    said(
      'Always valid: no sample size was planned, so the intervals hold at every look and may be looked at at any time.',
      '상시 유효 검정: 표본 수를 계획하지 않아, 언제 몇 번을 보아도 맞는 구간을 보여 줍니다.',
    ),
  broken: (p: number): Said =>
    said(
      `The variants hold other shares of units than planned (p = ${p.toExponential(1)}): something is wrong with assignment or counting, so do not read the metrics.`,
      `방문자 배분이 계획과 다릅니다(p = ${p.toExponential(1)}). 배정이나 집계에 문제가 있으니 지표를 믿지 마세요.`,
    ),
  hurt: (name: string): Said =>
    said(
      `The guardrail "${name}" is clearly worse than in the control.`,
      `가드레일 "${name}"이 대조군보다 뚜렷이 나쁩니다.`,
    ),
  worse: (name: string): Said =>
    said(
      `The goal "${name}" is clearly worse than in the control.`,
      `목표 "${name}"이 대조군보다 뚜렷이 나쁩니다.`,
    ),
  better: (name: string, lift: number | null): Said => {
    const by = lift === null ? '' : ` (${percent(lift)})`
    return said(
      `The goal "${name}" is clearly better than in the control${by}, and no guardrail is hurt.`,
      `목표 "${name}"이 대조군보다 뚜렷이 좋고${by} 나빠진 가드레일이 없습니다.`,
    )
  },
  running: (): Said =>
    said(
      'No goal is clearly better or worse yet; more units are needed.',
      '아직 뚜렷한 차이가 없습니다. 더 기다려야 합니다.',
    ),
  ended: (): Said =>
    said('It is over, and no goal is clearly better or worse.', '실험이 끝났지만 뚜렷한 차이가 없습니다.'),
  noGoal: (): Said => said('No goal has numbers to decide by.', '판단할 수 있는 목표 지표가 없습니다.'),
}
