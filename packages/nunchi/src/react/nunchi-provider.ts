/** `<NunchiProvider>`: gives the components inside a client. */
import type { ReactElement } from 'react'
import { reporter } from '../errors.ts'
import { createNunchi } from '../nunchi.ts'
import { type NunchiProviderProps, useProvided } from './provide.ts'

/**
 * Gives the components inside a client: yours, or one that is made of `options` once it is on the page.
 *
 * @example
 * <NunchiProvider options={{ key: 'nk_pub_…', host: 'https://events.example.com' }}><App /></NunchiProvider>
 */
export function NunchiProvider(props: NunchiProviderProps): ReactElement {
  return useProvided(props, { create: createNunchi, reporter })
}
