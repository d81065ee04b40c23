/** `nunchi recommendations`: by which settings and rules lists are made. */
import { type RecommendationSettings, settingsMistakes } from '@nunchi/collector/items'
import type { CommandDef } from 'citty'
import { actor } from '../actor.ts'
import { CliError } from '../cli-error.ts'
import { command } from '../command.ts'
import { configArgs, type Given } from '../config/environment-of.ts'
import { readJson } from '../config/read-json.ts'
import { withDatabase } from '../database/open.ts'
import { print } from '../print.ts'
import { projectNamed } from '../project-named.ts'
import { train } from './train.ts'

const { json: _, ...args } = configArgs

/** Runs an owner's function on the environment that the options name. */
async function call<Answer>(
  given: Given,
  fn: string,
  more: object,
  told: (answer: Answer, name: string) => void,
) {
  const { environment = 'production' } = given
  await withDatabase(given, async ({ owner }) => {
    const { projectId, name } = await projectNamed(owner, given.project)
    const answer = await owner.call<Answer>(fn, { projectId, environment, actor: actor(), ...more })
    told(answer, `${environment} of ${name}`)
  })
}

const show: CommandDef = command({
  meta: { name: 'recommendations show', description: 'Print the settings as JSON, as set takes them' },
  args: { all: { type: 'boolean', description: 'With the defaults: what is in force' }, ...args },
  run: ({ args: given }) =>
    call<{ definition: RecommendationSettings | null; settings: RecommendationSettings }>(
      given,
      'recommendation_settings_of',
      {},
      ({ definition, settings }) => print(JSON.stringify(given.all ? settings : (definition ?? {}), null, 2)),
    ),
})

const set: CommandDef = command({
  meta: { name: 'recommendations set', description: 'Replace the settings by those of a JSON file' },
  args: {
    file: { type: 'positional', required: true, description: 'The settings as JSON; - reads standard input' },
    ...args,
  },
  async run({ args: given }) {
    const definition = await readJson(given.file)
    const mistakes = settingsMistakes(definition)
    if (mistakes.length > 0)
      throw new CliError(
        'settings_invalid',
        mistakes.map(({ path, message }) => `${path || 'the whole'}: ${message}`).join('\n'),
      )
    await call<object>(given, 'set_recommendation_settings_of', { definition }, (_answer, name) =>
      print(`Recommendations in ${name} are made by these settings from now on.`),
    )
  },
})

const reset: CommandDef = command({
  meta: { name: 'recommendations reset', description: 'Go back to the defaults' },
  args,
  run: ({ args: given }) =>
    call<object>(given, 'set_recommendation_settings_of', { definition: null }, (_answer, name) =>
      print(`Recommendations in ${name} are made by the defaults from now on.`),
    ),
})

/** Shows, sets and resets them. */
export const recommendations: CommandDef = {
  meta: { name: 'recommendations', description: 'Say by which rules lists are made' },
  subCommands: { show, set, reset, train },
}
