/** Ports: read strictly, tried before the slow part of a start, and explained. */
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { expectFreePort, explainPort, readPort } from './port.ts'

describe('a port', () => {
  it('is a number from 0 to 65535', () => {
    expect([readPort('0', 'PORT'), readPort('65535', 'PORT')]).toEqual([0, 65535])
    for (const text of ['', '65536', '-1', '80.5', '0x50', ' 80', 'http'])
      expect(() => readPort(text, 'PORT')).toThrow(`PORT is "${text}"; it must be a number from 0 to 65535.`)
  })

  it('passes where it is free, and is free afterwards', async () => {
    await expectFreePort(0, '127.0.0.1', '--port 1')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await expect(expectFreePort(port, '127.0.0.1', '--port 4801')).rejects.toMatchObject({
      code: 'port_taken',
      message: expect.stringContaining('choose another port with --port 4801'),
    })
    await new Promise((closed) => server.close(closed))
    await expectFreePort(port, '127.0.0.1', '--port 1')
    await expectFreePort(port, '127.0.0.1', '--port 1')
  })

  it('that the system keeps for itself is explained, and other errors stay as they are', () => {
    expect(explainPort(Object.assign(new Error(), { code: 'EACCES' }), 80, '--port 4801')).toMatchObject({
      code: 'port_not_allowed',
      message: 'Port 80 is not open to this user; choose one above 1023 with --port 4801.',
    })
    const other = new Error('other')
    expect(explainPort(other, 80, '')).toBe(other)
  })
})
