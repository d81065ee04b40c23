/** Where hooks find the handle. */
import { type Context, createContext, useContext } from 'react'
import { browser } from '../browser.ts'
import { createClient } from '../create-client.ts'
import { reporter } from '../errors.ts'
import { openLocal } from '../page/local.ts'
import { experiments } from '../plugins/experiments.ts'
import { createHandle, type Handle } from './handle.ts'

let context: Context<Handle | undefined> | undefined
let nowhere: Handle | undefined

/** The context; made when it is first asked for, since importing the module runs nothing. */
export function handleContext(): Context<Handle | undefined> {
  context ??= createContext<Handle | undefined>(undefined)
  return context
}

/** What hooks outside a provider get: fallbacks, a client that records nothing, and one warning. */
function createNowhere(): Handle {
  const report = reporter()
  const local = openLocal('nunchi-nowhere')
  local.persist(false)
  const use = [experiments({ config: false, link: false })]
  return createHandle({
    report,
    make() {
      report('provider_missing')
      const world = { ...browser('nunchi-nowhere'), present: false, local }
      return createClient({ key: '-', host: '-', use }, world, report)
    },
  })
}

/** The handle of the nearest provider. */
export function useHandle(): Handle {
  const handle = useContext(handleContext())
  if (handle) return handle
  nowhere ??= createNowhere()
  return nowhere
}
