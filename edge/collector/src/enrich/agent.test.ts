import { describe, expect, it } from 'vitest'
import { agents } from './agent.ts'

const apple = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const readers = agents()

describe('a User-Agent', () => {
  it.each([
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${apple} Chrome/140.0.0.0 Safari/537.36`,
      'desktop',
      'Chrome',
      'Windows',
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${apple} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`,
      'desktop',
      'Edge',
      'Windows',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'desktop', 'Firefox', 'Linux'],
    [
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${apple} Chrome/140.0.0.0 Safari/537.36`,
      'desktop',
      'Chrome',
      'ChromeOS',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
      'desktop',
      'Safari',
      'macOS',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
      'mobile',
      'Safari',
      'iOS',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1',
      'mobile',
      'Chrome',
      'iOS',
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1',
      'tablet',
      'Safari',
      'iOS',
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${apple} Chrome/140.0.0.0 Mobile Safari/537.36`,
      'mobile',
      'Chrome',
      'Android',
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${apple} Chrome/140.0.0.0 Safari/537.36`,
      'tablet',
      'Chrome',
      'Android',
    ],
    [
      `Mozilla/5.0 (Linux; Android 15; SM-S918N) ${apple} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
      'mobile',
      'Samsung Internet',
      'Android',
    ],
    [
      `Mozilla/5.0 (Linux; Android 15; Cubot X30) ${apple} Chrome/140.0 Mobile Safari/537.36`,
      'mobile',
      'Chrome',
      'Android',
    ],
    [
      `Mozilla/5.0 (Linux; Android 15; SM-S918N; wv) ${apple} Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36;KAKAOTALK 2411000`,
      'mobile',
      'KakaoTalk',
      'Android',
    ],
    [
      'Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/7.0 TV Safari/537.36',
      'other',
      'Safari',
      'Tizen',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko',
      'desktop',
      'Internet Explorer',
      'Windows',
    ],
  ])('%s → %s, %s, %s', (userAgent, deviceClass, browser, os) => {
    expect(readers(userAgent)).toEqual({ deviceClass, browser, os })
  })

  it.each([
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    `Mozilla/5.0 (X11; Linux x86_64) ${apple} HeadlessChrome/140.0.0.0 Safari/537.36`,
    'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
    'facebookexternalhit/1.1',
    'curl/8.5.0',
    'python-requests/2.32.0',
    'Go-http-client/2.0',
    'WhatsApp/2.23.20.0',
    ' ',
    '',
    undefined,
  ])('security 25: of a program, or none: %s', (userAgent) => {
    expect(readers(userAgent)).toEqual({ deviceClass: 'bot', bot: true })
  })

  it('of a strange device says little, and is no bot for it', () => {
    expect(readers('Mozilla/5.0 (PlayStation 5) AppleWebKit/605.1.15')).toEqual({ deviceClass: 'other' })
  })

  it('gives way to the hints where they say more', () => {
    const frozen = `Mozilla/5.0 (X11; Linux x86_64) ${apple} Chrome/140.0.0.0 Safari/537.36`
    expect(readers(frozen, { mobile: '?0', platform: '"Chrome OS"' })).toMatchObject({ os: 'ChromeOS' })
    expect(readers(frozen, { mobile: '?1', platform: '"Android"' })).toMatchObject({
      deviceClass: 'mobile',
      os: 'Android',
    })
    expect(readers(frozen, { platform: '"; drop table"' })).not.toHaveProperty('os')
  })

  it('of a hundred thousand characters costs no more than one of five hundred', () => {
    expect(readers(`Mozilla/5.0 (Windows NT 10.0) ${'x'.repeat(100_000)} Firefox/140.0`)).toEqual({
      deviceClass: 'desktop',
      os: 'Windows',
    })
  })
})
