/** Reads a JSON file, or standard input for `-`. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CliError } from '../cli-error.ts'

/** @throws CliError `file_missing` or `config_invalid` */
export async function readJson(path: string): Promise<unknown> {
  const content = path === '-' ? text(process.stdin) : readFile(path, 'utf8')
  const json = await content.catch((cause: unknown) => {
    throw new CliError('file_missing', `The file ${path} cannot be read.`, cause)
  })
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new CliError(
      'config_invalid',
      `${path === '-' ? 'The input' : path} is not JSON: ${(cause as Error).message}`,
    )
  }
}
