/** The page of a site that uses RudderStack's browser client, with its hosts changed and nothing else. */
import { type LoadOptions, RudderAnalytics } from '@rudderstack/analytics-js/bundled'

const query = new URLSearchParams(location.search)
const host = query.get('host') ?? ''
const options = JSON.parse(query.get('options') ?? '{}') as Partial<LoadOptions>
const client = new RudderAnalytics()
client.load(query.get('key') ?? '', host, { configUrl: host, ...options })
Object.assign(globalThis, { client })
