/** Prints what was played as a table, and says in sentences what is wrong. */
import type { Outcome, Played } from './play.ts'

/** Whether everything is where it should be. */
const isWhole = ({ lost, duplicated, broken }: Outcome): boolean =>
  lost === 0 && duplicated === 0 && broken.length === 0

const head = ['nr', 'scenario', 'accepted', 'stored', 'reported', 'lost', 'duplicated', 'seconds', 'control']

const seconds = ({ seconds, recovery }: Outcome): string =>
  recovery === undefined ? seconds.toFixed(1) : `${seconds.toFixed(1)} (${recovery.toFixed(1)} to recover)`

/** What a control showed: it must fail, or the case proves nothing. */
function controlText(control: Played['control']): string {
  if (!control) return '–'
  const { name, outcome } = control
  if (isWhole(outcome)) return `${name}: PASSES`
  const { lost, duplicated } = outcome
  const how = [lost && `${lost} lost`, duplicated && `${duplicated} duplicated`].filter(Boolean)
  return `${name}: fails (${how.join(', ') || outcome.broken[0]})`
}

function rowOf({ number, name, skipped, outcome, control }: Played): string[] {
  if (!outcome) return [String(number), name, ...Array<string>(6).fill(''), `skipped: ${skipped}`]
  const { accepted, stored, reported, lost, duplicated } = outcome
  const figures = [accepted, stored, reported, lost, duplicated].map(String)
  return [String(number), name, ...figures, seconds(outcome), controlText(control)]
}

/** The table as text. */
export function table(all: Played[]): string {
  const rows = [head, ...all.map(rowOf)]
  const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  const line = (row: string[]) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()
  const [first = '', ...rest] = rows.map(line)
  return [first, `  ${widths.map((width) => '─'.repeat(width)).join('  ')}`, ...rest].join('\n')
}

/** What is wrong, a sentence each; none where every figure is zero and every control fails. */
export function faultsOf(all: Played[]): string[] {
  return all.flatMap(({ number, name, outcome, control }) => {
    const what = `${number}, ${name}`
    if (!outcome) return []
    const { lost, duplicated, broken } = outcome
    return [
      ...(lost ? [`${what}: ${lost} lost.`] : []),
      ...(duplicated ? [`${what}: ${duplicated} duplicated.`] : []),
      ...broken.map((sentence) => `${what}: ${sentence}`),
      ...(control && isWhole(control.outcome) ? [`${what}: the control passes (${control.name}).`] : []),
      ...(control?.outcome.brokeOff ? [`${what}: the control was not played to its end.`] : []),
    ]
  })
}
