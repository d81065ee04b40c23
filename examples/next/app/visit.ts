/** Who is visiting, and what holds for them: decided once for each request. */
import { cookies, headers } from 'next/headers'
import { createServerFlags } from 'nunchi/next'
import { cache } from 'react'

const flags = createServerFlags({
  key: process.env.NEXT_PUBLIC_NUNCHI_KEY ?? '',
  host: process.env.NEXT_PUBLIC_NUNCHI_HOST ?? '',
})

export const visit = cache(async () => flags.visit({ cookies: await cookies(), headers: await headers() }))

declare module 'nunchi' {
  interface Flags {
    'gift-note': boolean
  }
  interface Experiments {
    hero: 'calm' | 'bold'
  }
}
