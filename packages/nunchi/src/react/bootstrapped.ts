/** The plugins that make a client of a bootstrap: it decides by the same config, for the same visitor, as the server did. */
import type { JsonObject } from '@nunchi/protocol'
import type { Bootstrap } from '../bootstrap.ts'
import type { Client } from '../client.ts'
import { idPattern } from '../cookie.ts'
import type { Plugin } from '../plugin.ts'
import { type ExperimentsOptions, type ExperimentsPlugin, experiments } from '../plugins/experiments.ts'
import { idCookie } from '../plugins/id-cookie.ts'

/** The server's visitor becomes the page's, without a cookie. */
const adopt = (id: unknown): Plugin => ({
  name: 'serverVisitor',
  first: true,
  setup({ client, local }) {
    if (typeof id === 'string' && idPattern.test(id) && id !== client.anonymousId)
      local.set('id', { ...local.get<object>('id'), anonymousId: id })
  },
})

/** What is known of the visitor: the server's word, for as long as it is the same visitor. */
function attributesOf(
  client: Client,
  { attributes }: Bootstrap,
  own: ExperimentsOptions['attributes'],
): () => JsonObject {
  const { anonymousId = null, userId = null, ...rest } = attributes
  const first = client.anonymousId
  // A page that was kept for one visitor and shown to another: its id is nobody's here.
  const mine = anonymousId === null || anonymousId === first
  return () => {
    const same = mine && client.anonymousId === first
    return {
      ...rest,
      // Whom the server did not know is nobody on this page: another variant after the first paint would flicker.
      ...(same && { anonymousId }),
      ...(same && userId !== null && !client.userId && { userId }),
      ...(typeof own === 'function' ? own() : own),
    }
  }
}

/** The plugins; without a bootstrap just `experiments()`. */
export function bootstrapped(
  bootstrap: Bootstrap | undefined,
  options: Omit<ExperimentsOptions, 'bootstrap'> = {},
): Plugin[] {
  if (!bootstrap) return [experiments(options)]
  const { config, cookie } = bootstrap
  const attributes: JsonObject = Object(bootstrap.attributes)
  const seeded: ExperimentsPlugin = {
    name: 'experiments',
    setup: (context) =>
      experiments({
        ...options,
        bootstrap: config,
        attributes: attributesOf(context.client, { attributes }, options.attributes),
      }).setup(context),
  }
  return [seeded, cookie ? idCookie({ name: cookie }) : adopt(attributes['anonymousId'])]
}
