import { describe, expect, it } from 'vitest'
import { chooseColumns, pickColumns, readColumns } from './columns.ts'

describe('the columns of an import', () => {
  it('refuse what is not understood, with what would be', () => {
    for (const text of ['id', 'id=', 'name=x', '=x'])
      expect(() => readColumns(text), text).toThrow(/write OURS=THEIRS, where OURS is one of id, event/)
  })

  it('are those that were named, also with an equals sign, and for the rest the usual ones', () => {
    const given = readColumns(' event = kind , at=a=b,')
    expect(given).toEqual({ event: 'kind', at: 'a=b' })
    expect(chooseColumns(given, ['uuid', 'kind', 'event', 'a=b', 'userId'], 'x.csv')).toEqual({
      id: 'uuid',
      event: 'kind',
      at: 'a=b',
      user: 'userId',
    })
    expect(readColumns(undefined)).toEqual({})
  })

  it('name what is missing, and what there is', () => {
    expect(() => chooseColumns({}, ['id', 'event'], 'x.csv')).toThrow(
      'x.csv has no column that is usual for "at"; name it with --columns at=NAME. It has id, event.',
    )
    expect(() => chooseColumns({ user: 'who' }, ['id'], 'x.csv')).toThrow(
      'x.csv has no column "who". It has id.',
    )
    expect(pickColumns({ user: 'who' }, ['id']), 'of JSONL each line for itself').toEqual({
      id: 'id',
      user: 'who',
    })
  })
})
