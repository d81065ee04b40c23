/** Publishes one change of a config and says its number, as every command on flags and experiments does. */
import { type MakeChange, publishChange } from '@nunchi/collector/manage'
import { print } from '../print.ts'
import { type Given, withConfig } from './environment-of.ts'

/** @throws CliError `config_invalid` or `config_refused`, with nothing changed */
export async function makeChange(given: Given, change: MakeChange): Promise<void> {
  const {
    number,
    version,
    change: made,
  } = await withConfig(given, (gateway) => publishChange(gateway, change))
  const { reason, before, after } = made
  if (given.json) print(JSON.stringify({ number, version, reason, before, after }, null, 2))
  else print(`${reason}: number ${number} is in force; collectors serve it within two seconds.`)
}
