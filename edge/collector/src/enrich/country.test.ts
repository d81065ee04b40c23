import { describe, expect, it } from 'vitest'
import { countryOf } from './country.ts'

const all: { [name: string]: string } = {
  'cf-ipcountry': 'KR',
  'x-vercel-ip-country': 'DE',
  'cloudfront-viewer-country': 'FR',
  'x-nf-geo': btoa(JSON.stringify({ city: 'Lyon', country: { code: 'jp', name: 'Japan' } })),
  'x-appengine-country': 'us',
  'x-country-code': ' IT ',
}

describe('the country', () => {
  it.each([
    ['cloudflare', 'KR'],
    ['vercel', 'DE'],
    ['cloudfront', 'FR'],
    ['netlify', 'JP'],
    ['appengine', 'US'],
    ['x-country-code', 'IT'],
    ['x-absent', undefined],
    ['none', undefined],
  ])('is believed of %s alone: %s', (source, country) => {
    expect(countryOf(source)((name) => all[name])).toBe(country)
  })

  it.each(['XX', 'T1', 'ZZ', 'KOR', '', "'; drop", '한국'])('is none where the header says %s', (text) => {
    expect(countryOf('cloudflare')(() => text)).toBeUndefined()
  })

  it.each(['%', btoa('null'), btoa('{"country":"KR"}'), btoa('[')])(
    'is none where Netlify’s header is %s',
    (text) => {
      expect(countryOf('netlify')(() => text)).toBeUndefined()
    },
  )
})
