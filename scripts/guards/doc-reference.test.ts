/** The reference names every option, route and command that there is, and no other. */
import { describe, expect, it } from 'vitest'
import { root } from '../../edge/cli/src/main.ts'
import { scriptTag } from '../../edge/cli/src/snippet.ts'
import { createCollector, everything } from '../../edge/collector/src/index.ts'
import { membersOf, optionDocs, rowsBelow, type Told } from './doc-options.ts'
import { expectNone } from './expect-none.ts'
import { listFiles, readText } from './source.ts'

const options = 'docs/reference/options.md'
const page = (path: string): string => readText(path) ?? ''

/** Each table of options, and the interface that it is about; `more` are members that another type adds. */
const tables: [heading: string, file: string, name: string, more?: string[]][] = [
  ['## The SDK', 'packages/nunchi/src/options.ts', 'Options'],
  ['### The client', 'packages/nunchi/src/client.ts', 'Client'],
  ['### `pageViews(options?)`', 'packages/nunchi/src/plugins/page-views.ts', 'PageViewsOptions'],
  ['### `engagement(options?)`', 'packages/nunchi/src/plugins/engagement.ts', 'EngagementOptions'],
  ['### `clicks(options?)`', 'packages/nunchi/src/plugins/clicks.ts', 'ClicksOptions'],
  ['### `consent(options?)`', 'packages/nunchi/src/plugins/consent.ts', 'ConsentOptions'],
  ['### `experiments(options?)`', 'packages/nunchi/src/experiments/options.ts', 'ExperimentsOptions'],
  [
    '### `recommendations(options?)`',
    'packages/nunchi/src/recommendations/options.ts',
    'RecommendationsOptions',
  ],
  ['### `redirect(client, experiment, options?)`', 'packages/nunchi/src/redirect.ts', 'RedirectOptions'],
  ['### `redact(options)`', 'packages/nunchi/src/plugins/redact.ts', 'RedactOptions'],
  ['### `sampling(options)`', 'packages/nunchi/src/plugins/sampling.ts', 'SamplingOptions'],
  ['### `debug(options?)`', 'packages/nunchi/src/plugins/debug.ts', 'DebugOptions'],
  ['### `errors(options?)`', 'packages/nunchi/src/plugins/errors.ts', 'ErrorsOptions'],
  ['### `vitals(options?)`', 'packages/nunchi/src/plugins/vitals.ts', 'VitalsOptions'],
  ['### `mirror(to, options?)`', 'packages/nunchi/src/plugins/mirror.ts', 'MirrorOptions'],
  ['### `idCookie(options?)`', 'packages/nunchi/src/plugins/id-cookie.ts', 'IdCookieOptions'],
  ['## nunchi/react', 'packages/nunchi/src/react/provide.ts', 'NunchiProviderProps'],
  ['## nunchi/next', 'packages/nunchi/src/next/server-flags.ts', 'ServerFlagsOptions'],
  [
    '### `keepVisitor(request, answer, options?)`',
    'packages/nunchi/src/next/keep-visitor.ts',
    'KeepVisitorOptions',
  ],
  ['## nunchi/openfeature', 'packages/nunchi/src/openfeature/provider.ts', 'NunchiProviderOptions'],
  [
    '## nunchi/openfeature-server',
    'packages/nunchi/src/openfeature-server/provider.ts',
    'NunchiServerProviderOptions',
  ],
  ['## The server entry', 'packages/nunchi/src/server.ts', 'ServerOptions'],
  ['### `signUser(userId, options)`', 'packages/nunchi/src/sign-user.ts', 'SignUserOptions'],
  ['## The collector', 'edge/collector/src/options.ts', 'Options', ['storage', 'use']],
  ['### Insights', 'edge/collector/src/insights/insights-options.ts', 'ModelOptions'],
  ['### Serving on Node', 'edge/collector/deploy/node/index.ts', 'ServeOptions'],
]

describe('the tables of options', () => {
  it.each(tables)('%s: %s, %s', (heading, file, name, more = []) => {
    const members = [
      ...membersOf(page(file), name),
      ...more.map((one): Told => ({ name: one, fallback: undefined })),
    ]
    expectNone(optionDocs(rowsBelow(page(options), heading), members, `${options}, "${heading}",`))
  })

  it('are caught lacking an option, having one too many, and telling another default', () => {
    const source = 'export interface O {\n  a: string\n  /** B. @default 1 */\n  b?: number\n}\n'
    const told = rowsBelow('## O\n\n| option | default |\n|---|---|\n| `b` | `2` |\n| `c` | |\n', '## O')
    expect(optionDocs(told, membersOf(source, 'O'), 'x')).toEqual([
      'x lacks a. Add its row.',
      'x tells of c, which is not there. Take the row out.',
      'x says that b is 2 by default; the code says 1.',
    ])
  })

  it('name every attribute of the script tag and every variable of the Node collector', () => {
    const script = page('packages/nunchi/src/tag.ts')
    const read = /const \{([^}]*)\} = script\.dataset/.exec(script)?.[1] ?? ''
    const attributes = [...read.matchAll(/^\s*(\w+)/gm)].map(
      ([, name]) => `data-${name!.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    )
    const told = rowsBelow(page(options), '## The script tag').map(({ name }) => name)
    expect(told.toSorted()).toEqual(attributes.toSorted())

    const config =
      page('edge/collector/deploy/node/config.ts') + page('edge/collector/deploy/node/insights-settings.ts')
    const variables = [
      ...config.matchAll(/(?:text|whole|level|database|country|ip|redis|hosts)\('([A-Z_]+)'/g),
    ].map(([, name]) => name)
    const features = page('edge/collector/deploy/node/features.ts')
    variables.push(...[...features.matchAll(/variable: '([A-Z_]+)'/g)].map(([, name]) => name))
    const rows = rowsBelow(page(options), '### The collector on Node').map(({ name }) => name)
    expect(rows.toSorted()).toEqual([...new Set(variables)].toSorted())
  })
})

describe('the script tag', () => {
  it('stands in the pages as the command line prints it, at the version that there is', () => {
    const { version } = JSON.parse(page('packages/nunchi/package.json')) as { version: string }
    const [stub] = scriptTag('', '', version).split('\n')
    const texts = listFiles()
      .filter((path) => path.endsWith('.md'))
      .map(page)
    const stubs = texts.flatMap((text) => text.match(/^<script>\(.*$/gm) ?? [])
    const versions = texts.flatMap((text) => text.match(/npm\/nunchi@[\d.]+/g) ?? [])
    expect(new Set(stubs)).toEqual(new Set([stub]))
    expect(new Set(versions)).toEqual(new Set([`npm/nunchi@${version}`]))
  })
})

describe('the HTTP reference', () => {
  it('has a heading for every route that answers', () => {
    const { app } = createCollector({
      use: everything({ script: { source: '' } }),
      groupCommitMs: 0,
      insights: {},
    })
    const routes = app.routes.filter(({ method, path }) => /^(GET|POST)$/.test(method) && path !== '*')
    // A heading may name several paths: ## POST /v1/track, /v1/t
    const headings = [
      ...page('docs/reference/http.md').matchAll(/^## (GET|POST) (\S+(?:, \S+)*)$/gm),
    ].flatMap(([, method, paths]) => paths!.split(', ').map((path) => `${method} ${path}`))
    expect([...new Set(routes.map(({ method, path }) => `${method} ${path}`))].toSorted()).toEqual(
      headings.toSorted(),
    )
  })
})

describe('the reference of the command line', () => {
  interface Command {
    args?: object
    subCommands?: { [name: string]: Command }
  }
  const commands = new Map<string, object>()
  const walk = (command: Command, name: string) => {
    if (command.args) commands.set(name, command.args)
    for (const [verb, below] of Object.entries(command.subCommands ?? {}))
      walk(below, `${name} ${verb}`.trim())
  }
  walk(root as Command, '')
  const text = page('docs/reference/cli.md')

  it('begins with the names of all', () => {
    const [, names = ''] = /^nunchi (\w+(?:\|[\w|\s]+))^nunchi COMMAND/m.exec(text) ?? []
    expect(names.replace(/\s/g, '').split('|').toSorted()).toEqual(
      Object.keys(root.subCommands as object).toSorted(),
    )
  })

  it('has a section for every command, and no other', () => {
    const headings = [...text.matchAll(/^## nunchi (.+)$/gm)].map(([, name]) => name)
    expect(headings.toSorted()).toEqual([...commands.keys()].toSorted())
  })

  it.each([...commands])('names every option of nunchi %s', (name, args) => {
    const section = text.split(`## nunchi ${name}\n`)[1]!.split('\n## ')[0]!
    const missing = Object.entries(args as { [option: string]: { type: string } })
      .filter(([option]) => option !== 'data')
      .filter(([option, { type }]) => type !== 'positional' && !section.includes(`--${option}`))
    expect(missing.map(([option]) => option)).toEqual([])
  })
})
