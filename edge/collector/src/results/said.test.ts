/** Sentences about names that nobody knows beforehand still read as Korean. */
import { expect, it } from 'vitest'
import { said } from './said.ts'

it('takes the particle that fits the name, and both where it is no Korean one', () => {
  const of = (name: string) => said('', `지표 "${name}"이(가) 좋고, "${name}"을(를) 읽습니다.`).ko
  expect(of('주문')).toBe('지표 "주문"이 좋고, "주문"을 읽습니다.')
  expect(of('구매자')).toBe('지표 "구매자"가 좋고, "구매자"를 읽습니다.')
  expect(of('Orders')).toBe('지표 "Orders"이(가) 좋고, "Orders"을(를) 읽습니다.')
  expect(said('', '매출이(가) 줄었습니다.').ko).toBe('매출이 줄었습니다.')
})
