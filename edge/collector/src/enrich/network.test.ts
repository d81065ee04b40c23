import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { networkOf } from './network.ts'

describe('security 69: an address is kept as its network alone', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['203.0.113.77:51234', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:0DB8:0001::6', '2001:db8:1::/48'],
    ['[2001:db8:1:2::3]:443', '2001:db8:1::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['::1', '0:0:0::/48'],
  ])('%s → %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it.each(['', 'unknown', '203.0.113', '999.1.1.1', '1:2:3', '::1::2', 'x::1', '12345::', "'; drop"])(
    '%s is no address',
    (address) => {
      expect(networkOf(address)).toBeUndefined()
    },
  )

  it('never says which of the network’s addresses it was', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat(255), (address, last) => {
        const other = address.replace(/\d+$/, String(last))
        expect(networkOf(address)).toBe(networkOf(other))
      }),
    )
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        // Whole groups only: what is written as IPv4 within IPv6 is another matter.
        fc.pre(!address.includes('.'))
        expect(networkOf(address)).toMatch(/^(?:[\da-f]{1,4}:){3}:\/48$/)
      }),
    )
  })
})
