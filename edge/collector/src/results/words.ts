/** Everything that results say beside the numbers, in English and in Korean. */

import { percent, pText, type Said, said, signed } from './said.ts'
import type { Numbers } from './variant-result.ts'

export type { Said } from './said.ts'

/** What a sentence about a metric of a variant needs. */
export interface About {
  name: string
  numbers?: Numbers | undefined
}

/** The numbers that a sentence stands on: lift, interval and p. */
function evidence({ numbers }: About): Said {
  if (!numbers) return said('', '')
  const { lift, liftInterval, interval, pValue } = numbers
  const [value, { low, high }, show] =
    lift !== null && liftInterval !== null && Number.isFinite(liftInterval.high)
      ? [signed(lift), liftInterval, signed]
      : [
          String(Number(numbers.difference.toPrecision(3))),
          interval,
          (n: number) => String(Number(n.toPrecision(3))),
        ]
  return said(
    ` (${value}, between ${show(low)} and ${show(high)}, p = ${pText(pValue)})`,
    `(${value}, 구간 ${show(low)} ~ ${show(high)}, p = ${pText(pValue)})`,
  )
}

const metric = (
  about: About,
  en: (name: string, by: string) => string,
  ko: (name: string, by: string) => string,
): Said => {
  const by = evidence(about)
  return said(en(about.name, by.en), ko(about.name, by.ko))
}

/** What is said beside the numbers. */
export const words = {
  // What looking at results now means, by mode.
  fixed: (units: number, target: number): Said =>
    units < target
      ? said(
          `Fixed: the test is read once, at ${target} units; ${units} have come. Its p and intervals hold only then: whoever looks every day and stops at the first p below the level is wrong five times as often as promised. So nothing is decided yet.`,
          `고정 표본 검정: 표본 ${target}에 이르렀을 때 한 번만 읽습니다(지금 ${units}). p와 구간은 그때만 맞습니다. 매일 보다가 p가 기준보다 작아지는 순간 멈추면 약속보다 다섯 배쯤 자주 틀립니다. 그래서 아직 아무것도 판단하지 않습니다.`,
        )
      : said(
          `Fixed: all ${target} planned units have come, so that this is the one look that was planned.`,
          `고정 표본 검정: 계획한 표본 ${target}이 모두 모였습니다. 계획한 단 한 번의 확인이 지금입니다.`,
        ),
  groupSequential: (units: number, target: number, alphaNow: number, alpha: number): Said => {
    if (units === 0)
      return said(
        `Group sequential: none of ${target} planned units has come. You may look at any time: an early look needs far stronger evidence than the last one, and p and intervals allow for it.`,
        `집단 순차 검정: 계획한 ${target} 중 아직 하나도 모이지 않았습니다. 언제 보아도 됩니다. 일찍 볼수록 훨씬 강한 증거를 요구하며, p와 구간에 반영합니다.`,
      )
    const level = pText(alphaNow)
    return units < target
      ? said(
          `Group sequential: ${units} of ${target} planned units. You may look now and may stop now: looking early is paid for by stronger evidence, a single test below ${level} instead of ${alpha.toFixed(2)}. p and intervals allow for it already. No clear difference at an early look says little: wait.`,
          `집단 순차 검정: 계획한 ${target} 중 ${units}. 지금 보아도, 지금 멈추어도 됩니다. 일찍 보는 대신 더 강한 증거(단일 검정 기준 ${alpha.toFixed(2)} 대신 ${level})를 요구하며, p와 구간에 이미 반영했습니다. 일찍 보아 차이가 뚜렷하지 않은 것은 별 뜻이 없으니 기다리세요.`,
        )
      : said(
          `Group sequential: all ${target} planned units have come (${units}), so this is the last look. A single test below ${level} decides, for the earlier looks are paid for; p and intervals allow for it already.`,
          `집단 순차 검정: 계획한 ${target}이 모두 모여(${units}) 이번이 마지막 확인입니다. 앞서 본 몫을 빼고 단일 검정 기준 ${level}에서 판단하며, p와 구간에 이미 반영했습니다.`,
        )
  },
  alwaysValid: (): Said =>
    said(
      'Always valid: no sample size was planned. You may look as often as you like and stop whenever you like; p and intervals hold over all looks together, and are wider for it than those of a planned test.',
      '상시 유효 검정: 표본 수를 계획하지 않았습니다. 몇 번을 보아도, 언제 멈추어도 p와 구간이 맞습니다. 그 대신 계획한 검정보다 구간이 넓습니다.',
    ),
  broken: (p: number): Said =>
    said(
      `The variants hold other shares of units than planned (p = ${p.toExponential(1)}): something is wrong with assignment or counting, so do not read the metrics.`,
      `방문자 배분이 계획과 다릅니다(p = ${p.toExponential(1)}). 배정이나 집계에 문제가 있으니 지표를 믿지 마세요.`,
    ),
  unknownVariant: (variant: string, units: number): Said =>
    said(
      `${units} units saw the variant "${variant}", which this revision does not have; they are in no number.`,
      `방문자 ${units}명이 이 개정판에 없는 안 "${variant}"을(를) 보았습니다. 어느 수치에도 넣지 않았습니다.`,
    ),
  hurt: (about: About, margin?: number): Said =>
    metric(
      about,
      (name, by) =>
        margin === undefined
          ? `The guardrail "${name}" is clearly worse than in the control${by}.`
          : `The guardrail "${name}" is clearly worse than the ${percent(margin)} that it may lose${by}.`,
      (name, by) =>
        margin === undefined
          ? `가드레일 "${name}"이(가) 대조군보다 뚜렷이 나쁩니다${by}.`
          : `가드레일 "${name}"이(가) 허용한 ${percent(margin)}보다 뚜렷이 더 나빠졌습니다${by}.`,
    ),
  notShown: (about: About, margin?: number): Said =>
    metric(
      about,
      (name, by) =>
        `The guardrail "${name}" is not yet shown to lose less than the ${percent(margin ?? 0)} that it may${by}.`,
      (name, by) =>
        `가드레일 "${name}"이(가) 허용한 ${percent(margin ?? 0)} 안에 있다는 것이 아직 확인되지 않았습니다${by}.`,
    ),
  worse: (about: About): Said =>
    metric(
      about,
      (name, by) => `The goal "${name}" is clearly worse than in the control${by}.`,
      (name, by) => `목표 "${name}"이(가) 대조군보다 뚜렷이 나쁩니다${by}.`,
    ),
  better: (about: About): Said =>
    metric(
      about,
      (name, by) => `The goal "${name}" is clearly better than in the control${by}.`,
      (name, by) => `목표 "${name}"이(가) 대조군보다 뚜렷이 좋습니다${by}.`,
    ),
  unhurt: (): Said => said('No guardrail is clearly hurt.', '뚜렷이 나빠진 가드레일이 없습니다.'),
  unguarded: (): Said => said('No guardrail was set.', '정해 둔 가드레일은 없습니다.'),
  unclear: (): Said =>
    said('No goal is clearly better or worse yet.', '아직 뚜렷이 좋아지거나 나빠진 목표가 없습니다.'),
  noGoal: (): Said => said('No goal has numbers to decide by.', '판단할 수 있는 목표 지표가 없습니다.'),
  unread: (name: string, why: Said): Said =>
    said(`"${name}" cannot be read: ${why.en}`, `"${name}"을(를) 읽을 수 없습니다: ${why.ko}`),
  more: (units: number, target: number, days: number | null): Said =>
    said(
      `${units} of ${target} planned units have come${days === null ? '' : `; about ${days === 1 ? 'one day is' : `${days} days are`} left`}.`,
      `계획한 ${target} 중 ${units}이 모였습니다${days === null ? '' : `. 약 ${days}일 남았습니다`}.`,
    ),
  openEnded: (): Said => said('More units are needed.', '더 기다려야 합니다.'),
  reached: (): Said =>
    said('All planned units have come: it is over.', '계획한 표본이 모두 모여 실험이 끝났습니다.'),
  ended: (): Said => said('It was ended.', '실험을 끝냈습니다.'),
}
