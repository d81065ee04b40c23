import { expect, it } from 'vitest'
import { describePostgres } from '../../../collector/test/postgres.ts'
import { cli } from '../../test/in-process.ts'
import { shopOnPostgres } from '../../test/shop-on-postgres.ts'

const price = {
  name: 'Price first',
  hypothesis: 'Showing the price first sells more tea.',
  holdouts: ['kept'],
  condition: { id: { $notInGroup: 'staff' } },
  variants: [
    { key: 'control', weight: 500_000, isControl: true },
    { key: 'first', weight: 500_000 },
  ],
}

describePostgres('nunchi holdouts and nunchi groups', (server) => {
  const shop = shopOnPostgres(server)
  const { file, fine, json } = shop

  it('are none at first, and the lists say how to make one', async () => {
    expect(await fine('holdouts', 'list')).toMatch(/^No holdouts yet; .*nunchi holdouts set KEY --share 5%/)
    expect(await fine('groups', 'list')).toMatch(/^No groups yet; .*nunchi groups set KEY FILE/)
    expect([await json('holdouts', 'list'), await json('groups', 'list')]).toEqual([{}, {}])
  })

  it('are made, and say which experiments name them', async () => {
    expect(await fine('holdouts', 'set', 'kept', '--share', '5%')).toBe(
      'holdout.create kept: number 1 is in force; collectors serve it within two seconds.\n',
    )
    await fine('holdouts', 'set', 'users', file({ coverage: 1_000, attribute: 'userId' }))
    expect(await json('groups', 'set', 'staff', file(['kim', 7]))).toMatchObject({
      reason: 'group.create staff',
      before: null,
      after: ['kim', 7],
    })
    await fine('groups', 'set', 'many', file(Array.from({ length: 1_000 }, (_, i) => `visitor-${i}`)))
    await fine('experiments', 'create', 'price', file(price))
    await fine('experiments', 'start', 'price')
    expect(await fine('holdouts', 'list')).toBe(
      'holdout  share  hashed       experiments\nkept     5%     anonymousId  price\nusers    0.1%   userId       –\n',
    )
    expect(await fine('groups', 'list')).toMatch(
      /^group +values +first of them\nmany +1000 +"visitor-0", "visitor-1", .*…\nstaff +2 +"kim", 7\n$/,
    )
  })

  it('grow and shrink by their share alone, and keep whom they hash', async () => {
    const { after } = await json('holdouts', 'set', 'users', '--share', '10%')
    expect(after).toEqual({ coverage: 100_000, attribute: 'userId' })
    await fine('holdouts', 'set', 'kept', '--share', '10%')
    expect(await json('experiments', 'show', 'price')).toMatchObject({ revision: 1 })
  })

  it('hold out others only with --restart, as a new revision of what names them', async () => {
    const other = file({ coverage: 50_000, seed: 'autumn' })
    const refused = await cli('holdouts', 'set', 'kept', other)
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/price.*restart/) })
    await fine('holdouts', 'set', 'kept', other, '--restart')
    expect(await json('experiments', 'show', 'price')).toMatchObject({ revision: 2 })
  })

  it('reach pages as a namespace and as a list, not by their names', async () => {
    const told = JSON.parse(await fine('flags', 'export'))
    expect(told.experiments.price).toMatchObject({
      namespaces: [{ holdout: true, ranges: [[50_000, 1_000_000]], seed: 'autumn' }],
      condition: { id: { $nin: ['kim', 7] } },
    })
    expect([told.holdouts, told.groups]).toEqual([undefined, undefined])
  })

  const refused: [what: string, code: 1 | 2, said: RegExp, words: () => string[]][] = [
    ['neither share nor file', 2, /--share 5%, or name a FILE/, () => ['holdouts', 'set', 'a']],
    ['both', 2, /--share 5%, or name a FILE/, () => ['holdouts', 'set', 'a', file({}), '--share', '5%']],
    ['a share beyond all', 2, /"101%" is not a share/, () => ['holdouts', 'set', 'a', '--share', '101%']],
    ['no coverage', 1, /holdouts\.a\.coverage: is missing/, () => ['holdouts', 'set', 'a', file({})]],
    ['a list', 1, /must be a JSON object/, () => ['holdouts', 'set', 'a', file([])]],
    ['an empty key', 2, /KEY/i, () => ['groups', 'set']],
    ['a group that is no list', 1, /must be a JSON list/, () => ['groups', 'set', 'a', file({ a: 1 })]],
    ['a holdout that is named', 1, /experiments\.price\.holdouts/, () => ['holdouts', 'delete', 'kept']],
    ['a group that is named', 1, /experiments\.price\.condition/, () => ['groups', 'delete', 'staff']],
    ['no such holdout', 1, /no holdout "x".*There are: kept/, () => ['holdouts', 'delete', 'x']],
    ['no such group', 1, /no group "toString"/, () => ['groups', 'delete', 'toString']],
    ['an unknown option', 2, /no option --dry/, () => ['groups', 'delete', 'many', '--dry']],
  ]
  it.each(refused)('refuse %s in words', async (_what, code, said, words) => {
    const ran = await cli(...words())
    expect(ran).toMatchObject({ code, out: '' })
    expect(ran.err).toMatch(said)
  })

  it('change nothing by what was refused, and are taken away once nothing names them', async () => {
    expect(await json('flags', 'history')).toHaveLength(9)
    await fine('holdouts', 'delete', 'users')
    await fine('groups', 'delete', 'many')
    expect(Object.keys(await json('holdouts', 'list'))).toEqual(['kept'])
    expect(Object.keys(await json('groups', 'list'))).toEqual(['staff'])
  })
})
