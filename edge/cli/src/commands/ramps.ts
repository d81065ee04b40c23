/** `nunchi ramps`: flags and experiments that grow by themselves while their guardrails hold. */

import { Problem } from '@nunchi/collector'
import {
  moveRamp,
  ownerRamps,
  type Ramp,
  type RampGateway,
  type RampKind,
  rampOf,
  startRamp,
} from '@nunchi/collector/ramps'
import type { CommandDef } from 'citty'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { configArgs, type Given, refusal } from '../config/environment-of.ts'
import { percentOf, ppmOf } from '../config/percent.ts'
import { readJson } from '../config/read-json.ts'
import { withDatabase } from '../database/open.ts'
import { print, table } from '../print.ts'
import { projectNamed } from '../project-named.ts'

const keyArgs = {
  kind: {
    type: 'positional',
    required: true,
    description: 'What ramps: flag or experiment',
  },
  key: { type: 'positional', required: true, description: 'Its key' },
} as const

function kindOf(text: string): RampKind {
  if (text === 'flag' || text === 'experiment') return text
  throw new CliError('usage', `"${text}" cannot ramp; say flag or experiment, then its key.`)
}

async function withRamps(
  given: Given,
  work: (gateway: RampGateway, listed: () => Promise<Ramp[]>) => Promise<void>,
): Promise<void> {
  await withDatabase(given, async ({ owner }) => {
    const { projectId } = await projectNamed(owner, given.project)
    const whose = { projectId, environment: given.environment ?? 'production' }
    try {
      await work(ownerRamps(owner, whose, actor()), () => owner.call<Ramp[]>('list_ramps', whose))
    } catch (error) {
      throw error instanceof Problem ? refusal(error) : error
    }
  })
}

const shareOf = ({ state, step, plan }: Ramp): string =>
  state === 'rolled_back' ? '0%' : percentOf(plan.steps[step]?.share ?? 0)

const short = (n: number): string => String(Number(n.toPrecision(4)))

function show(ramp: Ramp): void {
  const { kind, key, state, step, plan, reason, experiment, revision, looks } = ramp
  const steps = plan.steps.map(({ share }, i) => (i === step ? `[${percentOf(share)}]` : percentOf(share)))
  print(`${kind} ${key}: ${state.replace('_', ' ')}, ${shareOf(ramp)}. ${reason.en}`)
  print(`  steps      ${steps.join(' → ')}`)
  print(`  compares   experiment ${experiment}, revision ${revision}`)
  const last = looks.at(-1)
  if (!last) return
  print()
  const rows = last.tests.map((one) =>
    one.noResult === undefined
      ? [
          one.metric,
          one.variant,
          short(one.meanControl),
          short(one.meanTreatment),
          one.z.toFixed(2),
          one.bound > 1e6 ? '–' : one.bound.toFixed(2),
          `${one.hurt ? 'hurt' : 'holds'}${one.setApart ? ` (${one.setApart.events} events without a number, such as "${one.setApart.example}")` : ''}`,
        ]
      : [one.metric, one.variant, '', '', '', '', one.noResult],
  )
  print(table(['guardrail', 'variant', 'control', 'value', 'z', 'hurt at', 'says'], rows))
}

/** What the options say, or the file. */
async function inputOf(args: {
  file?: string | undefined
  steps?: string | undefined
  guardrails?: string | undefined
  hours?: string | undefined
  units?: string | undefined
  margin?: string | undefined
}): Promise<unknown> {
  const { file, steps, guardrails, hours, units, margin } = args
  if (file !== undefined) {
    if (steps ?? guardrails ?? hours ?? units ?? margin)
      throw new CliError('usage', 'A file says all of it; leave the other options away.')
    return readJson(file)
  }
  if (steps === undefined || guardrails === undefined)
    throw new CliError('usage', 'Say --steps 10,50,100 and --guardrails METRIC, or --file FILE.')
  const each = {
    ...(hours === undefined ? {} : { leastHours: Number(hours) }),
    ...(units === undefined ? {} : { leastUnits: Number(units) }),
  }
  return {
    steps: steps.split(',').map((share) => ({ share: ppmOf(share), ...each })),
    guardrails: guardrails.split(',').map((metric) => ({
      metric: metric.trim(),
      ...(margin === undefined ? {} : { margin: ppmOf(margin) / 1_000_000 }),
    })),
  }
}

const start: CommandDef = command({
  meta: { name: 'ramps start', description: 'Start a ramp: it advances, and rolls back, by itself' },
  args: {
    ...keyArgs,
    steps: { type: 'string', description: 'Its shares, such as 10,50,100 (per cent)' },
    guardrails: { type: 'string', description: 'The metrics that may not be hurt, by key: orders,revenue' },
    hours: { type: 'string', description: 'The least hours of each step; 24 without it' },
    units: { type: 'string', description: 'The fewest units compared in each step; 1000 without it' },
    margin: { type: 'string', description: 'How much worse a guardrail may be than the control, such as 1%' },
    file: { type: 'string', description: 'All of it as JSON; - reads standard input' },
    ...configArgs,
  },
  async run({ args }) {
    const input = await inputOf(args)
    await withRamps(args, async (gateway) => {
      const ramp = await startRamp(gateway, kindOf(args.kind), args.key, input)
      if (args.json) print(JSON.stringify(ramp, null, 2))
      else show(ramp)
    })
  },
})

const status: CommandDef = command({
  meta: { name: 'ramps status', description: 'Show how ramps stand, or one with its last look' },
  args: {
    kind: { type: 'positional', required: false, description: 'flag or experiment; without it all' },
    key: { type: 'positional', required: false, description: 'Its key' },
    ...configArgs,
  },
  run: ({ args }) =>
    withRamps(args, async (gateway, listed) => {
      if (args.kind !== undefined) {
        if (args.key === undefined)
          throw new CliError('usage', 'Say which: nunchi ramps status flag checkout.')
        const ramp = await rampOf(gateway, kindOf(args.kind), args.key)
        return args.json ? print(JSON.stringify(ramp, null, 2)) : show(ramp)
      }
      const all = await listed()
      if (args.json) return print(JSON.stringify(all, null, 2))
      if (all.length === 0) return print('No ramps yet; start one with: nunchi ramps start flag KEY')
      const rows = all.map((one) => [
        one.kind,
        one.key,
        one.state.replace('_', ' '),
        shareOf(one),
        one.reason.en,
      ])
      print(table(['kind', 'key', 'state', 'share', 'why'], rows))
    }),
})

const move = (name: string, description: string, to: 'running' | 'paused' | 'stopped'): CommandDef =>
  command({
    meta: { name: `ramps ${name}`, description },
    args: { ...keyArgs, ...configArgs },
    run: ({ args }) =>
      withRamps(args, async (gateway) => {
        const ramp = await moveRamp(gateway, kindOf(args.kind), args.key, to)
        if (args.json) print(JSON.stringify(ramp, null, 2))
        else show(ramp)
      }),
  })

/** Starts, shows, pauses, resumes and stops ramps. */
export const ramps: CommandDef = {
  meta: { name: 'ramps', description: 'Let flags and experiments grow while their guardrails hold' },
  subCommands: {
    start,
    status,
    pause: move('pause', 'Neither advance nor roll back for now; the share stays', 'paused'),
    resume: move('resume', 'Go on with a paused ramp', 'running'),
    stop: move('stop', 'End a ramp; the share stays', 'stopped'),
  },
}
