/** Events whose number is none: a few among many units are set apart and told, more make a metric unreadable. */
import { type Said, said } from './said.ts'
import type { Faults } from './summary.ts'

/** As many of a variant's units may have such an event, as a share. */
const tolerated = 1 / 1000

/** Events that are in no sum of a metric, in figures that are given without them. */
export interface SetApart {
  code: 'not-a-number'
  events: number
  byVariant: { [variant: string]: number }
  /** One of the texts. */
  example: string
  reason: Said
}

/**
 * Whether so many events have no number that sums without them are wrong. Anybody who sees a page can send one, so that a few
 * must not take a metric away; where one variant has more than a thousandth of its units, something is wrong with what is sent.
 *
 * @param arms those that are compared; what others have is in no sum
 */
export function unreadable(
  { events, byVariant }: Faults,
  arms: readonly { variant: string; units: number }[],
): boolean {
  if (events === 0) return false
  if (!byVariant) return true
  return arms.some(({ variant, units }) => (byVariant[variant] ?? 0) > tolerated * units)
}

/** What is said of events that are set apart; undefined where there are none. */
export function setApart({ events, example, byVariant = {} }: Faults): SetApart | undefined {
  if (events === 0) return undefined
  const each = Object.entries(byVariant)
    .map(([variant, count]) => `${variant} ${count}`)
    .join(', ')
  const text = example ?? ''
  return {
    code: 'not-a-number',
    events,
    byVariant,
    example: text,
    reason: said(
      `${events} ${events === 1 ? 'event is' : 'events are'} in no figure of this metric (${each}): the property is no number, or one beyond 10¹⁵, such as "${text}". See who sends ${events === 1 ? 'it' : 'them'}.`,
      `이벤트 ${events}개(${each})는 이 지표의 어느 수치에도 넣지 않았습니다. 속성이 숫자가 아니거나 10¹⁵를 넘습니다. 예: "${text}". 누가 보내는지 확인하세요.`,
    ),
  }
}
