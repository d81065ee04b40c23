import { afterEach, describe, expect, it, vi } from 'vitest'
import { currentPage } from '../page/context.ts'
import { createTestClient } from '../testing.ts'
import { readAttributes } from './attributes.ts'

afterEach(() => vi.restoreAllMocks())

/** What the page says of a browser that calls itself so. */
function attributesOf(userAgent: string, touchPoints = 0) {
  vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue(userAgent)
  vi.spyOn(navigator, 'maxTouchPoints', 'get').mockReturnValue(touchPoints)
  let read!: () => object
  const plugin = {
    name: 'attributes',
    setup: (context: Parameters<typeof readAttributes>[0]) => {
      read = readAttributes(context, { plan: 'pro' })
    },
  }
  const client = createTestClient({ use: [plugin], environment: { page: currentPage } })
  client.identify('p7')
  return read()
}

describe('what the page knows', () => {
  it('is who and where, in which language, and what the site adds', () => {
    const said = attributesOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36')
    expect(said).toEqual({
      anonymousId: expect.stringMatching(/^[\da-f]{32}$/),
      userId: 'p7',
      url: location.href,
      path: location.pathname,
      locale: navigator.language,
      deviceClass: 'desktop',
      plan: 'pro',
    })
  })

  it.each([
    [
      'mobile',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1',
      5,
    ],
    ['mobile', 'Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0.0.0 Mobile Safari/537.36', 5],
    ['tablet', 'Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/140.0.0.0 Safari/537.36', 5],
    ['tablet', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15', 5],
    ['desktop', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15', 0],
    ['desktop', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 10],
  ])('tells a %s by %s', (deviceClass, userAgent, touchPoints) => {
    expect(attributesOf(userAgent, touchPoints)).toMatchObject({ deviceClass })
  })
})
