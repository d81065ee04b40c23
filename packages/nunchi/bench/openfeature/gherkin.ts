/** Reads feature files: scenarios with their tags and steps, outlines written out. */

/** One step, with the rows that stand below it. */
export interface Step {
  text: string
  rows: string[][]
}

/** One scenario, as it is to be played. */
export interface Scenario {
  name: string
  /** Its own and its feature's, without the at-sign. */
  tags: string[]
  steps: Step[]
}

interface Block {
  kind: string
  name: string
  tags: string[]
  steps: Step[]
  /** Of examples: the rows, the first of which names the columns. */
  rows: string[][]
}

const cells = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim().replaceAll('\\"', '"'))

/** The blocks of a feature in order. */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  const tags: string[] = []
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, kind, name] =
      /^(Feature|Background|Scenario Outline|Scenario|Examples):\s*(.*)$/.exec(line) ?? []
    const step = /^(?:Given|When|Then|And|But)\s+(.*)$/.exec(line)?.[1]
    const block = blocks.at(-1)
    if (line.startsWith('@')) tags.push(...line.split(/\s+/).map((tag) => tag.slice(1)))
    else if (kind) blocks.push({ kind, name: name ?? '', tags: tags.splice(0), steps: [], rows: [] })
    else if (step) block?.steps.push({ text: step, rows: [] })
    else if (line.startsWith('|')) (block?.steps.at(-1)?.rows ?? block?.rows)?.push(cells(line))
  }
  return blocks
}

/** The steps of an outline, by one row of its examples. */
function fill(steps: Step[], names: string[], row: string[]): Step[] {
  const put = (text: string) => names.reduce((so, name, i) => so.replaceAll(`<${name}>`, row[i] ?? ''), text)
  return steps.map(({ text, rows }) => ({ text: put(text), rows: rows.map((one) => one.map(put)) }))
}

/** All scenarios of a feature file; each begins with the steps of its background. */
export function scenariosOf(text: string): Scenario[] {
  const found: Scenario[] = []
  let feature: string[] = []
  let background: Step[] = []
  let outline: Block | undefined
  for (const block of blocksOf(text)) {
    const { kind, name, tags, steps, rows } = block
    if (kind === 'Feature') feature = tags
    if (kind === 'Background') background = steps
    if (kind === 'Scenario')
      found.push({ name, tags: [...feature, ...tags], steps: [...background, ...steps] })
    if (kind === 'Scenario Outline') outline = block
    const [names = [], ...examples] = rows
    if (kind === 'Examples' && outline)
      for (const row of examples)
        found.push({
          name: `${outline.name} (${row.join(', ')})`,
          tags: [...feature, ...outline.tags, ...tags],
          steps: [...background, ...fill(outline.steps, names, row)],
        })
  }
  return found
}
