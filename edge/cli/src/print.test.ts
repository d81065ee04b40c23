/** What is printed: visitors' texts cannot command the terminal. */
import { afterEach, expect, it, vi } from 'vitest'
import { print } from './print.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

function printed(line: string): string {
  const lines: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0)
  print(line)
  return lines.join('')
}

it('shows escape sequences that a visitor sent instead of obeying them', () => {
  expect(printed('such as "\u001b]0;owned\u0007 \u001b[2J\rnothing \u009b1A"')).toBe(
    'such as "\\u001b]0;owned\\u0007 \\u001b[2J\\u000dnothing \\u009b1A"\n',
  )
})

it('keeps lines, columns, colours, and what JSON says', () => {
  const plain = '\u001b[1mkey\u001b[0m\tname\n눈치 é'
  expect(printed(plain)).toBe(`${plain}\n`)
  const value = { text: '\u001b[2J\u0085' }
  expect(JSON.parse(printed(JSON.stringify(value, null, 2)))).toEqual(value)
})
