/** The page of a site that uses OpenFeature with its own web provider, pointed at a collector. */
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'
import { OpenFeature, type Provider, ProviderEvents } from '@openfeature/web-sdk'

const query = new URLSearchParams(location.search)
const provider = new OFREPWebProvider({
  baseUrl: query.get('host') ?? '',
  headers: [['Authorization', `Bearer ${query.get('key')}`]],
})
const client = OpenFeature.getClient()
/** What happened, in order. */
const heard: string[] = []
for (const event of [
  ProviderEvents.Ready,
  ProviderEvents.ConfigurationChanged,
  ProviderEvents.Error,
] as const)
  client.addHandler(event, () => {
    heard.push(`${event} ${client.getBooleanValue('checkout', false)}`)
  })
await OpenFeature.setContext({ targetingKey: 'a1', country: 'KR' })
await OpenFeature.setProviderAndWait(provider as Provider)
Object.assign(globalThis, { client, heard })
