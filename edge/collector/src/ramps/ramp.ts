/** What a ramp is: its plan, which is fixed at the start, and how it stands. */
import type { GuardrailTest, Reason } from '@nunchi/stats'
import type { MetricPlan } from '../results/metric-plan.ts'

/** What can have a ramp. */
export type RampKind = 'flag' | 'experiment'

/** `running` and `paused` are open; the others are for good. */
export type RampState = 'running' | 'paused' | 'done' | 'rolled_back' | 'stopped'

/** One step of a plan. */
export interface RampStep {
  /** In ppm: of a flag who gets the new value, of an experiment who takes part. */
  share: number
  /** The coverage of the experiment that this comes to, in ppm. */
  coverage: number
  /** The least time that it lasts, in ms. */
  leastMs: number
  /** The fewest units in all arms together that are first exposed in it. */
  leastUnits: number
}

/** One guardrail of a plan. */
export interface RampGuardrail {
  metric: string
  /** What people call it. */
  name: string
  direction: 'increase' | 'decrease'
  /** How much worse than the control it may be, as a share of the control. */
  margin: number
  /** The metric as it was at the start. */
  plan: MetricPlan
}

/** What was planned. */
export interface RampPlan {
  steps: RampStep[]
  guardrails: RampGuardrail[]
  /** The chance to roll an unhurt ramp back, over all looks, guardrails and treatments. */
  alpha: number
  control: string
  treatments: string[]
  /** The arms' shares in ppm. */
  weights: { [variant: string]: number }
  /** The variant that a share of everybody means; absent where that, too, compares. */
  winner?: string
}

/** Why a ramp is in its state, or what it waits for. */
export interface RampReason {
  code: string
  /** The sentence in English, and in Korean. */
  en: string
  ko: string
}

/** One guardrail of one treatment at a look. */
export type RampTest = { metric: string; variant: string } & (
  | ({ [name in keyof GuardrailTest]: GuardrailTest[name] } & {
      noResult?: undefined
      /** A few events that have no number, and are in no figure. */
      setApart?: { events: number; example: string | null }
    })
  | { noResult: 'few' | 'not-a-number' | Reason }
)

/** One look at the data. */
export interface RampLook {
  look: number
  step: number
  /** How much of the plan was over, from 0 to 1. */
  progress: number
  tests: RampTest[]
  decision: string
  /** In ms since the epoch. */
  at: number
}

/** A ramp. Times in ms since the epoch. */
export interface Ramp {
  id: string
  projectId: string
  environment: string
  kind: RampKind
  /** The flag's or experiment's key. */
  key: string
  /** The experiment that compares. */
  experiment: string
  revision: number
  plan: RampPlan
  state: RampState
  /** From 0. */
  step: number
  reason: RampReason
  /** Counts decisions. */
  turn: number
  actor: string
  startedAt: number
  updatedAt: number
  endedAt: number | null
  now: number
  steps: { step: number; coverage: number; number: number; startedAt: number; endedAt: number | null }[]
  looks: RampLook[]
}

/** Units of one variant first exposed in one step's time. */
export interface StepUnits {
  step: number
  variant: string
  units: number
  /** Those who saw several variants; set apart. */
  multiple: number
}

/** Everybody. */
export const whole = 1_000_000

/** The steps at whose end something is compared: not a flag's last, in which everybody has the new value. */
export function watched({ steps, winner }: RampPlan): number {
  return steps.filter(({ share }) => winner === undefined || share < whole).length
}
