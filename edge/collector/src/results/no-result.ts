/** Why there are no numbers: a name for programs, a sentence for people in English and in Korean. */
import { type Said, said } from './said.ts'

/** Why there are no numbers. */
export type NoResultName =
  | 'never-ran'
  | 'no-exposures'
  | 'unknown-revision'
  | 'one-variant'
  | 'no-metrics'
  | 'not-a-number'
  | 'not-comparable'
  | 'bad-weights'
  | 'being-prepared'
  | 'cannot-analyse'

/** What stands in for numbers. */
export interface NoResult {
  code: NoResultName
  /** Of `not-comparable`, `bad-weights` and `cannot-analyse`: what the statistics said. */
  because?: string
  reason: Said
}

const because: { [reason: string]: Said } = {
  'no-units': said('one of the two has no units yet', '둘 중 한쪽에 아직 방문자가 없습니다'),
  'too-few-units': said('there are too few units', '방문자가 너무 적습니다'),
  'no-variance': said(
    'every unit has the same value, so nothing can be tested',
    '모든 방문자의 값이 같아 비교할 수 없습니다',
  ),
  'no-conversions': said('nobody has converted yet', '아직 전환이 없습니다'),
  'control-zero': said('the control has nothing to divide by', '대조군의 분모가 0입니다'),
  'out-of-range': said('the numbers are too large to be computed with', '값이 너무 커서 계산할 수 없습니다'),
  'more-successes-than-units': said(
    'more units converted than there are',
    '전환한 방문자가 전체 방문자보다 많습니다',
  ),
  'bad-input': said('the numbers are no statistics', '통계로 쓸 수 없는 값입니다'),
  'bad-alpha': said('the confidence level is none', '신뢰 수준이 올바르지 않습니다'),
}

type Simple = () => NoResult

const simple =
  (code: NoResultName, en: string, ko: string): Simple =>
  () => ({ code, reason: said(en, ko) })

/** Why, without what it is about: the rest of a sentence that has said so. */
export const whyNot = ({ code, because: why = '', reason }: NoResult): Said => {
  const found = code === 'not-comparable' ? because[why] : undefined
  return found ? said(`${found.en}.`, `${found.ko}.`) : reason
}

/** A sentence for each way to have no numbers. */
export const noResult: {
  [name in
    | 'neverRan'
    | 'noExposures'
    | 'oneVariant'
    | 'noMetrics'
    | 'beingPrepared'
    | 'noSeriesOfQuantiles']: Simple
} & {
  unknownRevision(known: number[]): NoResult
  badWeights(weights: number[]): NoResult
  notANumber(events: number, example: string): NoResult
  notComparable(reason: string): NoResult
  cannotAnalyse(reason: string): NoResult
} = {
  neverRan: simple(
    'never-ran',
    'This experiment has not been started, so nobody saw it.',
    '아직 시작하지 않은 실험이라 본 사람이 없습니다.',
  ),
  noExposures: simple(
    'no-exposures',
    'Nobody has seen this experiment yet: no exposure of this revision was counted. Those of bots (curl is one), of internal keys and of forced variants never are.',
    '아직 아무도 이 실험을 보지 않았습니다. 집계한 이 개정판의 노출이 없습니다. 봇(curl 포함), 내부용 키, 강제로 지정한 안의 노출은 세지 않습니다.',
  ),
  unknownRevision: (known: number[]): NoResult => ({
    code: 'unknown-revision',
    reason: said(
      `There is no such revision; there are ${known.join(', ')}.`,
      `그런 개정판이 없습니다. 있는 것은 ${known.join(', ')}입니다.`,
    ),
  }),
  oneVariant: simple(
    'one-variant',
    'There is one variant only, so there is nothing to compare it with.',
    '안이 하나뿐이라 비교할 대상이 없습니다.',
  ),
  noMetrics: simple(
    'no-metrics',
    'No metric judges this experiment; make one with nunchi metrics set.',
    '이 실험을 판단할 지표가 없습니다. nunchi metrics set으로 만드세요.',
  ),
  badWeights: (weights: number[]): NoResult => ({
    code: 'bad-weights',
    because: weights.join(', '),
    reason: said(
      `The shares cannot be tested: the weights are ${weights.join(', ')}, and must be numbers of which none is negative and two are positive.`,
      `배분을 검사할 수 없습니다. 가중치가 ${weights.join(', ')}인데, 음수가 없어야 하고 둘 이상이 0보다 커야 합니다.`,
    ),
  }),
  notANumber: (events: number, example: string): NoResult => ({
    code: 'not-a-number',
    reason: said(
      `In ${events === 1 ? 'one event' : `${events} events`} the property is no number, or one beyond 10¹⁵, such as "${example}".`,
      `이벤트 ${events}건에서 속성이 숫자가 아니거나 10¹⁵를 넘습니다. 예: "${example}".`,
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
  cannotAnalyse: (reason: string): NoResult => ({
    code: 'cannot-analyse',
    because: reason,
    reason: said(
      `The experiment cannot be analysed: ${because[reason]?.en ?? reason}.`,
      `실험을 분석할 수 없습니다: ${because[reason]?.ko ?? reason}.`,
    ),
  }),
  beingPrepared: simple(
    'being-prepared',
    'These figures are being prepared; ask again in a minute.',
    '준비하는 중입니다. 1분 뒤에 다시 물어보세요.',
  ),
  noSeriesOfQuantiles: simple(
    'not-comparable',
    'A quantile has no sums, and so no series.',
    '분위수는 합이 없어 시계열도 없습니다.',
  ),
}
