/** Errors: what the page's scripts throw and nobody catches, each once a page, without what could name a person. */
import type { Properties } from '../client.ts'
import { type Description, describeError } from '../describe-error.ts'
import type { Plugin } from '../plugin.ts'
import { redactText } from '../redact-text.ts'

/** What `errors()` takes. */
export interface ErrorsOptions {
  /** Different errors that one page records, at most. @default 10 */
  limit?: number
  /** Changes messages and stacks further, after e-mail addresses and tokens were taken out. */
  redact?: (text: string) => string
  /** Answer `true` for an error that is not to be recorded. */
  ignore?: (error: Description) => boolean
}

/** Appears as `client.errors`. */
export interface Errors {
  /** Records an error that the page caught itself, with further properties; it obeys the same limits. */
  capture(error: unknown, properties?: Properties): void
}

/** Asks code of the page's own; where it throws, what holds otherwise. */
type Ask = <Result>(work: () => Result, otherwise: Result) => Result

/** So many errors within so many ms, at most: a page that fails all the time has other worries. */
const [mostAtOnce, atOnce] = [5, 10_000]
const [mostMessage, mostStack] = [500, 2000]
/** What browsers say of scripts of other origins: nothing. */
const nothingSaid = 'Script error.'

/** The same for the same error with other numbers in it. */
const fingerprint = ({ name, message, source, line, column }: Description): string =>
  [name, message.replace(/\d+/g, '#'), source, line, column].join()

/** The properties of an error, as they may be stored. */
function propertiesOf(error: Description, { redact }: ErrorsOptions, ask: Ask): Properties {
  const safe = (text: string, most: number): string => {
    const ours = redactText(text)
    return `${(redact && ask(() => redact(ours), ours)) ?? ours}`.slice(0, most)
  }
  return {
    ...error,
    message: safe(error.message, mostMessage),
    name: safe(error.name, 100),
    ...(error.source && { source: safe(error.source, mostMessage) }),
    ...(error.stack && { stack: safe(error.stack, mostStack) }),
  }
}

/** Whether there is room for another error: of a page, and of the last seconds. */
function room(limit: number): () => boolean {
  let left = limit
  let recent: number[] = []
  return () => {
    const now = Date.now()
    recent = recent.filter((time) => Math.abs(now - time) < atOnce)
    return left > 0 && recent.length < mostAtOnce && recent.push(now) > 0 && left-- > 0
  }
}

/** Makes the plugin. Handlers of the page's own are not touched. */
export function errors(options: ErrorsOptions = {}): Plugin<'errors', Errors> {
  return {
    name: 'errors',
    setup({ client, on, report }) {
      const { limit = 10, ignore } = options
      const valid = limit >= 0
      if (!valid) report('option_invalid', 'errors.limit')
      const fits = room(valid ? limit : 10)
      /** By fingerprint: what was recorded, and how often it came again since. */
      const seen = new Map<string, { said: Properties; again: number }>()
      let busy = false

      const ask: Ask = (work, otherwise) => {
        try {
          return work()
        } catch (error) {
          report('plugin_failed', error)
          return otherwise
        }
      }
      /** What fails while an error is recorded is not recorded: it would fail again, for ever. */
      const alone = (work: () => void) => {
        if (busy) return
        busy = true
        ask(work, undefined)
        busy = false
      }
      const tell = (said: Properties, count: number) => client.track('Error Occurred', { ...said, count })

      const record = (thrown: unknown, handled: boolean, event?: ErrorEvent, more?: Properties) => {
        const error = describeError(thrown, event)
        // A visitor's extensions are none of the page's.
        if (/^[a-z-]+-extension:/.test(error.source ?? '') || ask(() => ignore?.(error), false)) return
        const kind = fingerprint(error)
        const known = seen.get(kind)
        if (known) known.again++
        else if (fits()) {
          const said = { ...ask(() => ({ ...more }), {}), ...propertiesOf(error, options, ask), handled }
          seen.set(kind, { said, again: 0 })
          tell(said, 1)
        }
      }

      on('leave', () =>
        alone(() => {
          for (const one of seen.values()) {
            if (one.again && one.said['message'] !== nothingSaid) tell(one.said, one.again)
            one.again = 0
          }
        }),
      )
      if (typeof document !== 'undefined') {
        const stop = new AbortController()
        const { signal } = stop
        addEventListener('error', (event) => alone(() => record(event.error, false, event)), { signal })
        addEventListener('unhandledrejection', ({ reason }) => alone(() => record(reason, false)), { signal })
        on('close', () => stop.abort())
      }
      return { capture: (error, properties) => alone(() => record(error, true, undefined, properties)) }
    },
  }
}
