/** `<NunchiProvider>` of development builds: problems are told in sentences. */
import type { ReactElement } from 'react'
import { createNunchi } from '../nunchi.development.ts'
import { sentenceReporter } from '../sentences.ts'
import { type NunchiProviderProps, useProvided } from './provide.ts'

/** As in production builds, with whole sentences on the console where something is wrong. */
export function NunchiProvider(props: NunchiProviderProps): ReactElement {
  return useProvided(props, { create: createNunchi, reporter: sentenceReporter })
}
