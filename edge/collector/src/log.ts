/** The structured log: one JSON object a line, which no text from outside can break or forge. */
import { redact, redactText } from './redact.ts'

/** How loud a line is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What a line says besides its message; texts are redacted. */
export type LogFields = Record<string, string | number | boolean | null | undefined>

/** Writes one line. Fields given as a function are asked for only where the line is written. */
export type LogWrite = (message: string, fields?: LogFields | (() => LogFields)) => void

/** Writes lines of each level. Never throws: a full disk must not stop the events. */
export type Log = Record<LogLevel, LogWrite>

/** Takes one finished line, without its line end. */
export type LogSink = (line: string, level: LogLevel) => void

const order: LogLevel[] = ['debug', 'info', 'warn', 'error']

/**
 * Makes a log.
 *
 * @param sink where lines go
 * @param least lines below this level are not written
 */
export function createLog(sink: LogSink, least: LogLevel, now: () => number = Date.now): Log {
  const at = (level: LogLevel): LogWrite => {
    if (order.indexOf(level) < order.indexOf(least)) return () => {}
    return (message, fields = {}) => {
      const time = new Date(now()).toISOString()
      try {
        const said = redact(typeof fields === 'function' ? fields() : fields)
        sink(JSON.stringify({ time, level, message: redactText(message), ...said }), level)
      } catch {
        // The log is the last to be told of its own failure.
      }
    }
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** An error in words fit for the log: its names, messages and codes, its causes included. */
export function describeError(error: unknown): string {
  const words: string[] = []
  for (let at = error, depth = 0; at != null && depth < 4; depth++) {
    const { name, message, code, cause } = at as {
      name?: string
      message?: string
      code?: string
      cause?: unknown
    }
    words.push(
      at instanceof Error || message
        ? `${name ?? 'Error'}: ${message}${code ? ` (${code})` : ''}`
        : String(at),
    )
    at = cause
  }
  return words.join(' ← ')
}
