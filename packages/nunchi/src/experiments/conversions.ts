/** Conversions: what experiments are judged by, and how far the visitor has come. */
import type { PluginContext } from '../plugin.ts'
import { notKept } from '../recorder.ts'
import type { ShortForms } from './api.ts'

/** Conversions, and the funnel's step of this visit. */
export interface Conversions extends Pick<ShortForms, 'trackConversion'> {
  /** The step of this visit, where one was said. */
  step(): string | undefined
}

/** As the collector takes them: a longer name, or a number beyond it, would make the whole conversion worthless. */
const [longest, most] = [200, 1e15]

/** Opens the conversions of this device. */
export function openConversions({ client, local, gate, record, report }: PluginContext): Conversions {
  const wrong = (what: string) => report('input_invalid', `trackConversion(): ${what}`)
  const named = (text: unknown): text is string => typeof text === 'string' && !!text
  return {
    async trackConversion(metric, value, options) {
      if (!named(metric)) {
        wrong('metric')
        return notKept
      }
      const { step } = Object(options) as { step?: unknown }
      const properties: { [name: string]: string | number } = { metric: metric.slice(0, longest) }
      if (typeof value === 'number' && Math.abs(value) < most) properties['value'] = value
      else if (value !== undefined && value !== null) wrong('value')
      if (named(step)) {
        properties['step'] = step.slice(0, longest)
        if (gate() !== 'closed') local.set('step', [client.sessionId, properties['step']])
      } else if (step !== undefined) wrong('step')
      // As exposures do, it survives sampling: a rate of which one half is missing is no rate.
      return record('track', 'Conversion Tracked', () => ({ properties }), { keep: true })
    },
    step() {
      const { 0: visit, 1: step } = Object(local.get('step')) as { [part: number]: string }
      return visit === client.sessionId ? step : undefined
    },
  }
}
