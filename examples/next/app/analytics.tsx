'use client'
/** nunchi in the page: it decides by what the server decided by. */
import { pageViews } from 'nunchi'
import { type Bootstrap, NunchiProvider } from 'nunchi/react'
import type { ReactNode } from 'react'

const options = {
  key: process.env.NEXT_PUBLIC_NUNCHI_KEY ?? '',
  host: process.env.NEXT_PUBLIC_NUNCHI_HOST ?? '',
  use: [pageViews()],
}

export function Analytics({ bootstrap, children }: { bootstrap: Bootstrap; children: ReactNode }) {
  return (
    <NunchiProvider options={options} bootstrap={bootstrap}>
      {children}
    </NunchiProvider>
  )
}
