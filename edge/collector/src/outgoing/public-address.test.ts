/** What is public and what is not, in every notation that leads there. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPublicAddress, mayBePublicHost } from './public-address.ts'

const hostOf = (text: string) => new URL(`https://${text}/`).hostname

describe('a host that is not public', () => {
  it.each([
    [
      'this machine',
      ['127.0.0.1', '127.1', '0x7f.1', '0177.0.0.1', '2130706433', '0x7f000001', '127.0.0.1.'],
    ],
    ['this machine, of version 6', ['[::1]', '[0:0::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]']],
    [
      'the metadata of a cloud',
      ['169.254.169.254', '0xa9fea9fe', '[::ffff:169.254.169.254]', '[fd00:ec2::254]'],
    ],
    ['a private network', ['10.0.0.8', '172.16.3.4', '172.31.255.255', '192.168.1.1', '100.64.0.1']],
    ['a private network, of version 6', ['[fc00::1]', '[fdab::1]', '[fe80::1]', '[fec0::1]']],
    [
      'an address within another',
      ['[64:ff9b::7f00:1]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2001:0:7f00::1]'],
    ],
    [
      'no address of anybody',
      ['0.0.0.0', '0.1.2.3', '224.0.0.1', '255.255.255.255', '[ff02::1]', '240.0.0.1'],
    ],
    ['for documentation or tests', ['192.0.2.1', '198.18.0.1', '203.0.113.9', '[2001:db8::1]', '[3fff::1]']],
    ['a name of the house', ['localhost', 'LOCALHOST.', 'a.localhost', 'redis', 'db.internal', 'nas.local.']],
    ['a name of the house with a port', ['printer.lan', 'x.home.arpa', 'metadata.google.internal.']],
    ['in full-width digits', ['１２７.０.０.１']],
  ])('%s', (_, hosts) => {
    for (const host of hosts) expect(mayBePublicHost(hostOf(host)), host).toBe(false)
  })
})

describe('a host that may be public', () => {
  it.each([
    'api.example.com',
    'api.example.com.',
    '8.8.8.8',
    '172.32.0.1',
    '[2606:4700::1111]',
    '한국.example',
  ])('%s', (host) => {
    expect(mayBePublicHost(hostOf(host))).toBe(true)
  })
})

describe('an address', () => {
  it('is judged alike in each notation that a URL allows', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(octet, octet, octet, octet, (a, b, c, d) => {
        const whole = ((a * 256 + b) * 256 + c) * 256 + d
        const plain = isPublicAddress(`${a}.${b}.${c}.${d}`)
        for (const text of [
          `${whole}`,
          `0x${whole.toString(16)}`,
          `0${a.toString(8)}.0x${b.toString(16)}.${c * 256 + d}`,
        ])
          expect(mayBePublicHost(hostOf(text)), text).toBe(plain)
        expect(isPublicAddress(`::ffff:${a}.${b}.${c}.${d}`)).toBe(false)
      }),
    )
  })

  it('that is none is never public', () => {
    for (const text of ['', 'x', '1.2.3', '256.1.1.1', '1.2.3.4.5', '::g', '2606:4700::1%eth0'])
      expect(isPublicAddress(text), text).toBe(false)
  })
})
