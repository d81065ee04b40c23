/** Files of dates: columns go by their names, and what cannot be read is said. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readMeetings, readPeople } from './read-people.ts'

const folder = mkdtempSync(join(tmpdir(), 'nunchi-pairs-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const people = file('people.csv', 'iid,gender,wave,age,race\n1,0,3,30,2\n2,1,3,,4\n')
const meetings = async (text: string) => readMeetings(file('pairs.csv', text), await readPeople(people))

it('a decision is of whom its column names, wherever it stands', async () => {
  const [date] = await meetings('woman_iid,man_iid,fold,man_yes,woman_yes,match\n1,2,b,0,1,0\n')
  expect(date).toMatchObject({ one: { id: '1' }, oneYes: true, otherYes: false, fold: 'b' })
})

it('a decision is 1 or 0, as programs write it; another is refused by its place', async () => {
  const head = 'woman_iid,man_iid,woman_yes,man_yes\n'
  expect(await meetings(`${head}1,2,1.0,FALSE\n`)).toMatchObject([
    { oneYes: true, otherYes: false, fold: '0' },
  ])
  await expect(meetings(`${head}1,2,1,maybe\n`)).rejects.toThrow('row 1, man_yes is "maybe"')
})

it('a profile holds neither who somebody is, nor their side, nor their evening', async () => {
  const [date] = await meetings('woman_iid,man_iid,woman_yes,man_yes\n1,2,1,1\n9,2,1,1\n')
  expect(date?.one).toEqual({ id: '1', side: '0', profile: { age: 30, race: '2' } })
  expect(date?.other.profile).toEqual({ age: null, race: '4' })
})
