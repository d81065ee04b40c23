/** Whether a port can be listened on, asked before the slow part of a start. */
import { createServer } from 'node:net'
import { CliError } from './cli-error.ts'

/** The sentence for a port that could not be had; other errors come back as they are. */
export function explainPort(error: unknown, port: number, remedy: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return new CliError(
      'port_taken',
      `Port ${port} is taken by another program (an earlier start, perhaps); stop that one, or choose another port with ${remedy}.`,
      error,
    )
  if (code === 'EACCES')
    return new CliError(
      'port_not_allowed',
      `Port ${port} is not open to this user; choose one above 1023 with ${remedy}.`,
      error,
    )
  return error
}

/**
 * Listens on the port for a moment.
 *
 * @param remedy how the user names another port, such as `--port 4800`
 * @throws CliError `port_taken`, `port_not_allowed`
 */
export async function expectFreePort(port: number, host: string, remedy: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainPort(error, port, remedy)))
    server.listen(port, host, resolve)
  })
  await new Promise((resolve) => server.close(resolve))
}

/**
 * Reads a port from the command line or the environment.
 *
 * @throws CliError `usage`
 */
export function readPort(text: string, name: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new CliError('usage', `${name} is "${text}"; it must be a number from 0 to 65535.`)
  return port
}
