/** `nunchi results`: what an experiment did, and what to do. */
import { Problem } from '@nunchi/collector'
import { type ExperimentResults, experimentResults, ownerResults } from '@nunchi/collector/results'
import type { CommandDef } from 'citty'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { configArgs } from '../config/environment-of.ts'
import { withDatabase } from '../database/open.ts'
import { print, table } from '../print.ts'
import { projectNamed } from '../project-named.ts'

type Language = 'en' | 'ko'

const percent = (share: number): string => `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)} %`
const short = (n: number): string => String(Number(n.toPrecision(4)))
const p = (n: number): string => (n < 1e-4 ? n.toExponential(1) : n.toFixed(4))

function rowsOf({ metrics }: ExperimentResults, language: Language): string[][] {
  return metrics.flatMap(({ key, role, variants }) =>
    variants.map((one) => {
      if ('noResult' in one) return [key, role, one.variant, one.noResult.reason[language]]
      const { low, high } = one.interval
      return [
        key,
        role,
        one.variant,
        short(one.control),
        short(one.value),
        one.lift === null ? '–' : percent(one.lift),
        `${short(low)} … ${short(high)}`,
        p(one.pValue),
        p(one.alpha),
        one.says,
      ]
    }),
  )
}

function show(results: ExperimentResults, language: Language): void {
  const { health, look, verdicts, noResult } = results
  print(`${results.name} (${results.experiment}), revision ${results.revision}, ${results.status}`)
  for (const { variant, verdict, reason } of verdicts) print(`  ${variant}: ${verdict}. ${reason[language]}`)
  if (noResult) print(`  ${noResult.reason[language]}`)
  const shares = health.sampleRatio
  if (shares) {
    const arms = shares.variants.map(
      (one) => `${one.variant} ${one.units} of ${Math.round(one.expected)} expected`,
    )
    print(
      `  shares     ${shares.broken ? 'BROKEN' : 'as planned'} (p ${p(shares.pValue)}): ${arms.join(', ')}`,
    )
  }
  if (health.multiple > 0) print(`  set apart  ${health.multiple} units that saw several variants`)
  for (const [fault, events] of Object.entries(health.failures)) print(`  uncounted  ${events} × ${fault}`)
  print(`  ${look.note[language]}`)
  if (look.daysLeft !== null) print(`  days left  ${look.daysLeft}`)
  if (results.metrics.length === 0) return
  const heads = ['metric', 'role', 'variant', 'control', 'value', 'lift', 'difference', 'p', 'below', 'says']
  print()
  print(table(heads, rowsOf(results, language)))
}

/** Shows the results of an experiment. */
export const results: CommandDef = command({
  meta: { name: 'results', description: 'Show what an experiment did, and what to do' },
  args: {
    key: { type: 'positional', required: true, description: 'The experiment' },
    revision: { type: 'string', description: 'Which revision; without it the newest' },
    language: {
      type: 'enum',
      options: ['en', 'ko'],
      default: 'en',
      description: 'The language of the sentences',
    },
    ...configArgs,
  },
  run: ({ args }) =>
    withDatabase(args, async ({ owner }) => {
      const { projectId } = await projectNamed(owner, args.project)
      const gateway = ownerResults(owner, { projectId, environment: args.environment ?? 'production' })
      const asked = { experiment: args.key, revision: args.revision }
      const found = await experimentResults(gateway, asked).catch((error: unknown) => {
        if (!(error instanceof Problem)) throw error
        throw new CliError('experiment_not_found', `${error.message} ${error.fix}`)
      })
      if (args.json) print(JSON.stringify(found, null, 2))
      else show(found, args.language === 'ko' ? 'ko' : 'en')
    }),
})
