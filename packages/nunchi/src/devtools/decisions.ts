/** The panel's flags and experiments: what each is for this visitor, why, and what it is made to be instead. */
import type { Experiment, Flag, Json, Overrides } from '@nunchi/protocol'
import type { ExperimentsApi } from '../experiments/api.ts'
import { element } from './element.ts'

/** A part of the panel, and how to end it. */
interface Part {
  node: HTMLElement
  close(): void
}

/** What an override may be chosen from: each with its text. */
type Choices = [text: string, value: Json][]

/** `own` is the option that leaves the choice to the config. */
const own = 'as decided'

function chooser(label: string, choices: Choices, forced: Json | undefined, choose: (value?: Json) => void) {
  const texts = [own, ...choices.map(([text]) => text)]
  const select = element(
    'select',
    { 'aria-label': label },
    ...texts.map((text) => element('option', { value: text }, text)),
  )
  select.value = choices.find(([, value]) => JSON.stringify(value) === JSON.stringify(forced))?.[0] ?? own
  select.onchange = () => choose(choices.find(([text]) => text === select.value)?.[1])
  return select
}

function row(title: string, text: string, select: HTMLElement): HTMLElement {
  return element(
    'li',
    { 'data-key': title },
    element('div', { className: 'row' }, element('code', {}, title), select),
    element('p', { className: 'soft' }, text),
  )
}

/** The overrides with one of them changed, or taken away. */
function changed(
  overrides: Required<Overrides>,
  kind: keyof Overrides,
  key: string,
  value?: Json,
): Overrides {
  const { [key]: _before, ...rest } = overrides[kind] as { [key: string]: Json }
  return { ...overrides, [kind]: value === undefined ? rest : { ...rest, [key]: value } }
}

/** A list's members as objects, whatever a config has in its place: a broken part is shown as such. */
const membersOf = <Member>(list: Member[] | undefined): Partial<Member>[] =>
  Array.isArray(list) ? list.map((one) => Object(one) as Partial<Member>) : []

/** Every value that a flag's rules can give it. */
function valuesOf(api: ExperimentsApi, key: string): Choices {
  const { value, rules, off } = Object(api.config!.flags[key]) as Partial<Flag>
  const values =
    typeof value === 'boolean' ? [true, false] : [value, off, ...membersOf(rules).map((rule) => rule.value)]
  const texts = values.filter((one): one is Json => one !== undefined).map((one) => JSON.stringify(one))
  return [...new Set(texts)].map((text) => [text, JSON.parse(text) as Json])
}

function flagRows(api: ExperimentsApi): HTMLElement[] {
  return Object.keys(api.config?.flags ?? {}).map((key) => {
    const { value, reason, rule, experiment } = api.inspectFlag(key)
    const by = experiment ? `experiment ${experiment.experiment}` : rule ? `rule ${rule}` : 'no rule'
    const select = chooser(`Force flag ${key}`, valuesOf(api, key), api.overrides.flags[key], (next) =>
      api.override(changed(api.overrides, 'flags', key, next)),
    )
    return row(key, `${JSON.stringify(value)}: ${reason}, ${by}`, select)
  })
}

function experimentRows(api: ExperimentsApi): HTMLElement[] {
  return Object.entries(api.config?.experiments ?? {}).map(([key, one]) => {
    const { variant, reason, inExperiment, unit } = api.inspectExperiment(key)
    const { variants } = Object(one) as Partial<Experiment>
    const choices: Choices = membersOf(variants).map(({ key }) => [`${key}`, `${key}`])
    const forced = api.overrides.experiments[key]
    const select = chooser(`Force experiment ${key}`, choices, forced, (next) =>
      api.override(changed(api.overrides, 'experiments', key, next)),
    )
    const whom = unit ? ` by ${unit}` : ''
    return row(key, `${variant}: ${inExperiment ? 'in' : 'not in'}, ${reason}${whom}`, select)
  })
}

/** Makes the lists; they follow every change. */
export function decisionsPart(api: ExperimentsApi): Part {
  const flags = element('ul', { 'aria-label': 'Flags' })
  const experiments = element('ul', { 'aria-label': 'Experiments' })
  const version = element('p', { className: 'soft' })
  const draw = () => {
    // Whoever is choosing keeps the focus on what they chose.
    const root = flags.getRootNode() as ShadowRoot
    const label = root.activeElement?.getAttribute('aria-label')
    flags.replaceChildren(...flagRows(api))
    experiments.replaceChildren(...experimentRows(api))
    version.textContent = api.config ? `Config ${api.config.version}.` : 'There is no config yet.'
    if (label) root.querySelector<HTMLElement>(`select[aria-label="${CSS.escape(label)}"]`)?.focus()
  }
  draw()
  const clear = element('button', { type: 'button', onclick: () => api.override() }, 'Force nothing')
  const note = 'What is forced holds in this tab and is never counted in results.'
  return {
    node: element('div', {}, version, flags, experiments, element('p', { className: 'soft' }, note), clear),
    close: api.onChange(draw),
  }
}
