/** CSV: any text survives the way through a reader of RFC 4180, and none of it is a formula to a spreadsheet. */
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvHead, csvLine } from './csv.ts'

const text = { name: 'text', numeric: false }
const number = { name: 'number', numeric: true }
const dangerous = /^[=+\-@\t\r\n]/

/** Text as people and attackers write it: often with what CSV and spreadsheets give a meaning to. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', "'", ',', ';', ' ', 'a', '＝'))
    .map((all) => all.join('')),
)

describe('csvLine', () => {
  it('security 51: neutralises what a spreadsheet would run', () => {
    for (const attack of [
      '=HYPERLINK("https://evil.example")',
      '+1',
      '-1',
      '@SUM(1)',
      '\t=1',
      '\r=1',
      '\n=1',
      '＝1',
    ])
      expect(parse(csvLine([text], [attack]))).toEqual([[`'${attack}`]])
    expect(csvLine([text], ['a=1'])).toBe('a=1\r\n')
  })

  it('leaves numbers of numeric columns as they are', () => {
    expect(csvLine([number, number, text], ['-12.50', '1e-7', '-12.50'])).toBe("-12.50,1e-7,'-12.50\r\n")
  })

  it('tells null from empty text', () => {
    expect(csvLine([text, text], [null, ''])).toBe(',""\r\n')
  })

  it('brings any text through unchanged, but for the one apostrophe that disarms it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyText, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 }),
        (rows) => {
          const columns = [text, { name: '=b', numeric: false }]
          const file = csvHead(columns) + rows.map((row) => csvLine(columns, row)).join('')
          const [head, ...read] = parse(file, { record_delimiter: '\r\n' }) as string[][]
          expect(head).toEqual(['text', "'=b"])
          for (const row of read) for (const value of row) expect(value).not.toMatch(dangerous)
          expect(
            read.map((row) =>
              row.map((value) => (/^'[=+\-@\t\r\n＝＋－＠]/.test(value) ? value.slice(1) : value)),
            ),
          ).toEqual(
            rows.map((row) =>
              row.map((value) => (/^'[=+\-@\t\r\n＝＋－＠]/.test(value) ? value.slice(1) : value)),
            ),
          )
        },
      ),
    )
  })

  it('keeps any number as the database wrote it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt()), (value) => {
        expect(csvLine([number], [String(value)])).toBe(`${value}\r\n`)
      }),
    )
  })
})
