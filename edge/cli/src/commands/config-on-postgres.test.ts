/** An operator's flags and experiments on Postgres: every verb, what it leaves in the audit log, and what it refuses. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describePostgres } from '../../../collector/test/postgres.ts'
import { cli } from '../../test/in-process.ts'
import { shopOnPostgres } from '../../test/shop-on-postgres.ts'

const price = {
  name: 'Price first',
  hypothesis: 'Showing the price first sells more tea.',
  targetSampleSize: 20_000,
  variants: [
    { key: 'control', weight: 500_000, isControl: true },
    { key: 'first', weight: 500_000 },
  ],
}

describePostgres('flags and experiments by command line', (server) => {
  const shop = shopOnPostgres(server)
  const { file, fine, json } = shop
  const audit = async () =>
    shop.database.sql<{ action: string; subject: string; actor: string; before: unknown; after: unknown }[]>`
      select action, subject, actor, before, after from nunchi.audit_log
      where action ~ '^(flag|experiment|config)[.]' order by id`

  describe('nunchi flags', () => {
    it('are none at first, and the list says how to make one', async () => {
      expect(await fine('flags', 'list')).toBe('No flags yet; make one with: nunchi flags set KEY FILE\n')
      expect(await fine('flags', 'history')).toBe('Nothing was published yet.\n')
      expect(await json('flags', 'list')).toEqual({})
    })

    it('are set, ramped, disabled by pattern, enabled and deleted; each leaves one row of who, before and after', async () => {
      expect(await fine('flags', 'set', 'checkout-new', file({ type: 'boolean', value: false }))).toBe(
        'flag.create checkout-new: number 1 is in force; collectors serve it within two seconds.\n',
      )
      await fine('flags', 'set', 'checkout-pay', file({ type: 'string', value: 'card', description: 'How.' }))
      await fine('flags', 'set', 'other', file({ type: 'number', value: 3 }))
      expect(await json('flags', 'ramp', 'checkout-new', '12.5%')).toMatchObject({ number: 4 })
      await fine('flags', 'disable', 'checkout-*')
      expect(await fine('flags', 'list')).toMatch(
        /flag +type +state +value +rules +revision\ncheckout-new +boolean +disabled +false +ramp 12\.5% +2\n.*disabled +"card" +– +1\nother +number +on +3 +– +1\nNumber 5 of production\.\n$/s,
      )
      await fine('flags', 'enable', 'checkout-new')
      await fine('flags', 'delete', 'other')
      expect(Object.keys(await json('flags', 'list'))).toEqual(['checkout-new', 'checkout-pay'])
      const rows = await audit()
      expect(rows.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
        'flag.create production/flag/checkout-new',
        'flag.create production/flag/checkout-pay',
        'flag.create production/flag/other',
        'flag.ramp production/flag/checkout-new',
        'flag.disable production/flag/checkout-*',
        'flag.enable production/flag/checkout-new',
        'flag.delete production/flag/other',
      ])
      expect(rows.every(({ actor }) => /^cli(:.+)?$/.test(actor))).toBe(true)
      expect(rows[0]).toMatchObject({ before: null, after: { type: 'boolean', revision: 1 } })
      expect(rows[3]).toMatchObject({
        before: { value: false },
        after: { rules: [{ id: 'ramp', value: true, rollout: { coverage: 125_000 } }] },
      })
      expect(rows[4]).toMatchObject({
        before: { 'checkout-new': true, 'checkout-pay': true },
        after: { 'checkout-new': false, 'checkout-pay': false },
      })
      expect(rows[6]).toMatchObject({ before: { type: 'number' }, after: null })
    })

    it('tell their history, and go back to what they were', async () => {
      const history = await fine('flags', 'history')
      expect(history).toMatch(
        /^number +when \(UTC\) +who +what\n7 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +cli\S* +flag\.delete other\n/,
      )
      expect(await fine('flags', 'revert', '5')).toBe('All of number 5 is in force again, as number 8.\n')
      expect(await json('flags', 'list')).toMatchObject({
        other: { value: 3 },
        'checkout-new': { enabled: false },
      })
      expect((await audit()).at(-1)).toMatchObject({
        action: 'config.revert',
        before: { number: 7 },
        after: { number: 5 },
      })
    })

    it('go back one by one, and leave the rest alone', async () => {
      await fine('flags', 'set', 'later', file({ type: 'boolean', value: true }))
      expect(await fine('flags', 'revert', '3', '--flag', 'checkout-new')).toBe(
        'checkout-new of number 3 is in force again, as number 10.\n',
      )
      const flags = await json('flags', 'list')
      expect(flags['checkout-new']).toMatchObject({ value: false, revision: 3 })
      expect(flags['checkout-new']).not.toHaveProperty('rules')
      expect(flags['later']).toMatchObject({ value: true })
      expect((await audit()).at(-1)).toMatchObject({
        subject: 'production/flag/checkout-new',
        before: { flag: { enabled: false } },
        after: { flag: { revision: 3 } },
      })
      await fine('flags', 'revert', '3', '--flag', 'later')
      expect(await json('flags', 'list')).not.toHaveProperty('later')
      expect(await cli('flags', 'revert', '3', '--flag', 'nowhere')).toMatchObject({
        code: 1,
        err: expect.stringContaining('no flag "nowhere"'),
      })
    })

    it('of one environment are not those of another', async () => {
      expect(await json('flags', 'list', '--environment', 'staging')).toEqual({})
      await fine('flags', 'set', 'early', file({ type: 'boolean', value: true }), '--environment', 'staging')
      expect(await json('flags', 'list')).not.toHaveProperty('early')
    })

    it('are read from standard input for -', () => {
      const bin = join(import.meta.dirname, '../bin.ts')
      const words = [bin, 'flags', 'set', 'piped', '-', '--environment', 'staging', '--json']
      const input = JSON.stringify({ type: 'boolean', value: true })
      const { status, stdout } = spawnSync('node', words, { input, encoding: 'utf8', env: process.env })
      expect([status, JSON.parse(stdout)]).toMatchObject([0, { reason: 'flag.create piped', number: 2 }])
    })

    it('are validated as they stand, or as a file says, each mistake by its path', async () => {
      expect(await fine('flags', 'validate')).toBe('No mistakes.\n')
      const bad = file({ flags: { a: { type: 'boolean', value: 'no', revision: 1 } }, experiments: {} })
      const { code, err } = await cli('flags', 'validate', bad)
      expect([code, err]).toEqual([1, "✗ flags.a.value: must be a boolean, as the flag's type says.\n"])
      const { out } = await cli('flags', 'validate', bad, '--json')
      expect(JSON.parse(out)).toMatchObject([{ path: 'flags.a.value' }])
    })

    const refused: [what: string, code: 1 | 2, said: RegExp, words: () => string[]][] = [
      [
        'no such flag',
        1,
        /no flag "chekout-new".*There are: checkout-new/,
        () => ['ramp', 'chekout-new', '5%'],
      ],
      ['a pattern that fits none', 1, /no flag "x-\*"/, () => ['disable', 'x-*']],
      [
        'another type',
        1,
        /type cannot become string/,
        () => ['set', 'other', file({ type: 'string', value: '' })],
      ],
      ['a text flag to ramp', 1, /no rule with a rollout.*coverage/, () => ['ramp', 'checkout-pay', '5%']],
      ['a share beyond all', 2, /"101%" is not a share/, () => ['ramp', 'checkout-new', '101%']],
      ['a share in words', 2, /"half" is not a share/, () => ['ramp', 'checkout-new', 'half']],
      ['no share', 2, /SHARE/i, () => ['ramp', 'checkout-new']],
      [
        'no file of that name',
        1,
        /nowhere\.json cannot be read/,
        () => ['set', 'a', join(shop.dir, 'nowhere.json')],
      ],
      ['a file that is no JSON', 1, /is not JSON: /, () => ['set', 'a', file('{ type: 1')]],
      ['a file that is no object', 1, /must be a JSON object/, () => ['set', 'a', file([1])]],
      [
        'a flag with mistakes',
        1,
        /flags\.a\.type: must be one of/,
        () => ['set', 'a', file({ type: 'date', value: 1 })],
      ],
      ['a number that is none', 2, /"0x1" is not a number/, () => ['revert', '0x1']],
      [
        'a number that was never published',
        1,
        /Nothing was published under number 99/,
        () => ['revert', '99'],
      ],
      ['an unknown environment', 2, /environment/, () => ['list', '--environment', 'prod']],
      ['an unknown project', 1, /no project "shopp"; there are shop/, () => ['list', '--project', 'shopp']],
      ['an unknown option', 2, /no option --dry here/, () => ['delete', 'other', '--dry']],
      ['an unknown verb', 2, /--help/, () => ['remove', 'other']],
    ]
    it.each(refused)('refuse %s in words, and change nothing', async (_what, code, said, words) => {
      const before = await json('flags', 'history')
      const ran = await cli('flags', ...words())
      expect(ran).toMatchObject({ code, out: '' })
      expect(ran.err).toMatch(said)
      expect(ran.err).not.toMatch(/\n\s+at |Error:/)
      expect(await json('flags', 'history')).toEqual(before)
    })
  })

  describe('nunchi experiments', () => {
    const verb = (name: string, ...more: string[]) => fine('experiments', name, 'price', ...more)
    it('live from draft to completed, shown at each step', async () => {
      expect(await fine('experiments', 'list')).toMatch(/^No experiments yet/)
      expect(await verb('create', file(price))).toMatch(/^experiment\.create price: number \d+ is in force/)
      expect(await verb('show')).toBe(
        [
          'Price first (price)',
          'Showing the price first sells more tea.',
          '  status    draft',
          '  revision  1',
          '  variants  control (control) 50%, first 50%',
          '  coverage  100%',
          '  hashed    anonymousId',
          '  planned   20000 units\n',
        ].join('\n'),
      )
      await verb('start')
      await verb('pause')
      expect(await fine('experiments', 'list')).toMatch(
        /price +paused +control \(control\) 50%, first 50% +1 +Price first/,
      )
      await verb('start')
      await verb('complete', '--winner', 'first')
      expect(await json('experiments', 'show', 'price')).toMatchObject({
        status: 'completed',
        winner: 'first',
      })
      expect(await verb('show')).toContain('  winner    first\n')
      await verb('delete')
      expect(await json('experiments', 'list')).toEqual({})
      expect((await audit()).map(({ action }) => action).slice(-6)).toEqual(
        ['create', 'start', 'pause', 'start', 'complete', 'delete'].map((one) => `experiment.${one}`),
      )
    })

    it('that have started keep their plan and their people, unless a restart is said', async () => {
      await verb('create', file(price))
      await verb('start')
      const other = await cli('experiments', 'create', 'price', file({ ...price, hypothesis: 'Other.' }))
      expect([other.code, other.err]).toEqual([1, expect.stringContaining('was planned before and stays')])
      const moved = file({ ...price, seed: 'other' })
      const { code, err } = await cli('experiments', 'create', 'price', moved)
      expect([code, err]).toEqual([1, expect.stringContaining('Say restart')])
      await verb('create', moved, '--restart')
      // The first one was deleted at revision 1.
      expect(await json('experiments', 'show', 'price')).toMatchObject({ revision: 3, status: 'running' })
    })

    const refused: [what: string, code: 1 | 2, said: RegExp, words: () => string[]][] = [
      ['an unknown one', 1, /no experiment "prise"/, () => ['show', 'prise']],
      ['a start of an unknown one', 1, /no experiment "prise".*There are: price/, () => ['start', 'prise']],
      [
        'a start of what runs',
        1,
        /is running; it cannot become running.*paused or completed/,
        () => ['start', 'price'],
      ],
      ['a delete of what runs', 1, /is running\. Complete it first/, () => ['delete', 'price']],
      ['an unknown winner', 1, /no variant "third"/, () => ['complete', 'price', '--winner', 'third']],
      [
        'one without hypothesis',
        1,
        /experiments\.b\.hypothesis/,
        () => ['create', 'b', file({ ...price, hypothesis: '' })],
      ],
      [
        'one without variants',
        1,
        /variants: It must be a list/,
        () => ['create', 'b', file({ ...price, variants: 1 })],
      ],
      [
        'weights that do not sum',
        1,
        /experiments\.b\.variants/,
        () => ['create', 'b', file({ ...price, variants: [price.variants[0], { key: 'first', weight: 1 }] })],
      ],
      ['no file', 2, /FILE/i, () => ['create', 'b']],
      ['an empty winner', 2, /--winner needs a value/, () => ['complete', 'price', '--winner', '']],
    ]
    it.each(refused)('refuse %s in words, and change nothing', async (_what, code, said, words) => {
      const before = await json('flags', 'history')
      const ran = await cli('experiments', ...words())
      expect(ran).toMatchObject({ code, out: '' })
      expect(ran.err).toMatch(said)
      expect(await json('flags', 'history')).toEqual(before)
    })
  })

  describe('nunchi types', () => {
    it('write the flags and experiments in force, to standard output or a file', async () => {
      const text = await fine('types')
      expect(text).toContain('    /** How. */\n    "checkout-pay": "card"\n')
      expect(text).toContain('    /** Price first */\n    "price": "control" | "first"\n')
      const out = join(shop.dir, 'nunchi.d.ts')
      expect(await fine('types', '--out', out)).toBe(`Wrote ${out}.\n`)
      expect(readFileSync(out, 'utf8')).toBe(text)
    })

    it('say so where the file cannot be written', async () => {
      const { code, err } = await cli('types', '--out', join(shop.dir, 'no/such/dir.d.ts'))
      expect([code, err]).toEqual([1, expect.stringContaining('cannot be written')])
    })
  })

  it('leaves one audit row for each publication, whatever was refused between', async () => {
    const [counted] = await shop.database.sql<{ versions: number; rows: number }[]>`
      select (select count(*) from nunchi.config_versions)::int as versions,
        (select count(*) from nunchi.audit_log where action ~ '^(flag|experiment|config)[.]')::int as rows`
    const { versions, rows } = counted!
    expect(versions).toBe(rows)
    expect(versions).toBeGreaterThan(15)
  })
})
