/** Around all pages: the provider, with what the server decided by. */
import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { Analytics } from './analytics'
import './shop.css'
import { visit } from './visit'

export const metadata: Metadata = {
  title: 'Tea for two',
  description: 'A small tea shop: nunchi with Next.js.',
  icons: { icon: 'data:,' },
}

export default async function Layout({ children }: { children: ReactNode }) {
  const { bootstrap } = await visit()
  return (
    <html lang="en">
      <body>
        <Analytics bootstrap={bootstrap}>{children}</Analytics>
      </body>
    </html>
  )
}
