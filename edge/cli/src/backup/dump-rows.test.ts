import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countDumpRows } from './dump-rows.ts'

async function* pieces(text: string, cuts: number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  let from = 0
  for (const cut of [...at, bytes.length]) {
    yield bytes.subarray(from, cut)
    from = cut
  }
}

const script = (tables: [name: string, rows: string[]][]): string =>
  [
    'SET row_security = off;',
    ...tables.flatMap(([name, rows]) => [
      `COPY nunchi.${name} (project_id, id, ${'a_long_column, '.repeat(30)}context) FROM stdin;`,
      ...rows,
      '\\.',
      '',
    ]),
    "SELECT pg_catalog.setval('nunchi.api_keys_id_seq', 3, true);",
    '',
  ].join('\n')

describe('the rows of a dump', () => {
  it('are counted by table, whatever stands in them and wherever the stream is cut', async () => {
    const row = fc.oneof(
      fc.constantFrom('', '\\N', '\\\\.', 'COPY nunchi.other (id) FROM stdin;', '차\t🍵', 'x'.repeat(500)),
      fc.string().map((text) => text.replace(/[\n\r]/g, ' ').replace(/^\\\.$/, 'x')),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(row)), fc.array(fc.nat()), async (tables, cuts) => {
        const text = script(tables.map((rows, n) => [`t${n}`, rows]))
        const counts = await countDumpRows(pieces(text, cuts))
        expect([...counts!]).toEqual(tables.map((rows, n) => [`t${n}`, rows.length]))
      }),
    )
  })

  it('are none of a script that ends within a table', async () => {
    const text = script([['t', ['1', '2']]])
    expect(await countDumpRows(pieces(text.slice(0, text.indexOf('\\.')), []))).toBeUndefined()
  })

  it('are those of tables with odd names, too', async () => {
    expect([...(await countDumpRows(pieces(script([['"Odd ""one"""', ['1']]]), [])))!]).toEqual([
      ['Odd "one"', 1],
    ])
  })
})
