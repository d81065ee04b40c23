import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from '../problem.ts'
import { readQuestion } from './question.ts'

const read = (address: string) => {
  const query = new URL(`https://c.example/${address}`).searchParams
  return readQuestion((name) => query.getAll(name))
}

describe('a question for recommendations', () => {
  it.each([
    ['?list=best', /list must be one of user, contextual, similar, trending/],
    ['?list=user&list=trending', /list is given 2 times/],
    ['?list=similar', /context=item:ID/],
    ['?list=similar&context=page:/tea', /context=item:ID/],
    ['?list=contextual', /needs a context/],
    ['?limit=0', /1 to 100/],
    ['?limit=101', /1 to 100/],
    ['?limit=ten', /1 to 100/],
    ['?limit=1e1', /1 to 100/],
    ['?limit=', /1 to 100/],
    ['?type=a,b,c,d,e,f,g,h,i,j,k', /At most 10 types/],
    ['?type=a%00', /type must name/],
    [`?type=${'x'.repeat(101)}`, /type must name/],
    ['?anonymousId=', /anonymousId must have/],
    [`?userId=${'x'.repeat(257)}`, /userId must have/],
    ['?userId=a&userId=b', /userId is given 2 times/],
    ['?anonymousId=a%00', /anonymousId must have/],
    ['?context=lamp', /item:, cart: or page:/],
    ['?context=item:', /ids of 1 to 200/],
    [`?context=item:${'x'.repeat(201)}`, /ids of 1 to 200/],
    ['?context=page:', /no address/],
    ['?context=page:/a&context=item:b', /stands alone/],
    [`?context=cart:${Array.from({ length: 51 }, (_, i) => i).join(',')}`, /at most 50/],
    [`?exclude=${Array.from({ length: 501 }, (_, i) => i).join(',')}`, /at most 500/],
    ['?exclude=a%00', /ids of 1 to 200/],
  ])('%s is refused, with its parameter', (address, said) => {
    expect(() => read(address)).toThrow(said)
  })

  it('without parameters is for a stranger, of all types', () => {
    expect(read('')).toEqual({ list: 'user', limit: 10, includeSeen: false })
  })

  it('reads what it is told', () => {
    expect(
      read(
        '?type=tools,%EB%8F%84%EA%B5%AC,tools&type=prompts&list=contextual&context=item:a,b&context=cart:c,d,c&anonymousId=v1&limit=3&exclude=x,y&exclude=z&seen=1&else=1',
      ),
    ).toEqual({
      types: ['tools', '도구', 'prompts'],
      list: 'contextual',
      context: { items: ['a,b', 'c', 'd'] },
      anonymousId: 'v1',
      limit: 3,
      exclude: ['x', 'y', 'z'],
      includeSeen: true,
    })
    expect(read('?context=page:https://shop.example/tea?a=b')).toMatchObject({
      context: { page: 'https://shop.example/tea?a=b' },
    })
  })

  it('is a question or a problem that names its code, whatever is sent', () => {
    const names = ['type', 'list', 'context', 'anonymousId', 'userId', 'limit', 'exclude', 'seen']
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...names), fc.string({ unit: 'binary' })), { maxLength: 6 }),
        (pairs) => {
          try {
            const question = readQuestion((name) =>
              pairs.filter(([one]) => one === name).map(([, text]) => text),
            )
            const text = JSON.stringify(question)
            expect(text.isWellFormed() && !/\\u(0000|d[89a-f])/.test(text)).toBe(true)
          } catch (error) {
            expect(error).toBeInstanceOf(Problem)
            expect(error).toMatchObject({ code: 'recommendations_invalid', status: 400 })
          }
        },
      ),
    )
  })
})
