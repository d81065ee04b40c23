/** The page of a site that uses Segment's browser client, with its hosts changed and nothing else. */
import { AnalyticsBrowser, type InitOptions } from '@segment/analytics-next'

const query = new URLSearchParams(location.search)
const options = JSON.parse(query.get('options') ?? '{}') as InitOptions
const client = AnalyticsBrowser.load(
  { writeKey: query.get('key') ?? '', cdnURL: query.get('host') ?? '' },
  options,
)
Object.assign(globalThis, { client })
