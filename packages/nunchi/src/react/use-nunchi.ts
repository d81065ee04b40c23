/** `useNunchi()` and `useTrack()`: the client in a component. */
import { useMemo } from 'react'
import type { AnyClient, NunchiClient } from './client.ts'
import { useHandle } from './context.ts'

/** The client: `identify()`, `consent`, whatever its plugins added. Without a provider, one that records nothing. */
export function useNunchi(): NunchiClient {
  return useHandle().client() as unknown as NunchiClient
}

/** The client's `track()`, the same function on each render; call it in handlers and effects. */
export function useTrack(): NunchiClient['track'] {
  const handle = useHandle()
  const track = useMemo(
    (): AnyClient['track'] => (name, properties) => handle.client().track(name, properties),
    [handle],
  )
  return track as unknown as NunchiClient['track']
}
