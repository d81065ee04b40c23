/** Gives each visitor an id before the first page is rendered. */
import { type NextRequest, NextResponse } from 'next/server'
import { keepVisitor } from 'nunchi/next'

export function proxy(request: NextRequest) {
  return keepVisitor(request, () => NextResponse.next({ request }))
}

export const config = { matcher: '/((?!_next/|.*\\.).*)' }
