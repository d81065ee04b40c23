/** Loads a client that the collector itself does without, and says how to get it where it is missing. */
import { ConfigError } from './config.ts'

/** @throws ConfigError where the package that `variable` asks for is not installed */
export async function client<Module>(
  variable: string,
  name: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new ConfigError(`${variable} needs the package ${name}; install it with: npm install ${name}`)
  }
}
