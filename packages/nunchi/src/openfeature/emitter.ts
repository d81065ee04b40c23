/** Tells OpenFeature what happens to a provider: what its SDKs ask of an emitter, without importing one. */

/** What is told, as OpenFeature names it. Errors are told by its SDKs: of a start that fails. */
type ProviderEvent = 'PROVIDER_READY' | 'PROVIDER_STALE' | 'PROVIDER_CONFIGURATION_CHANGED'

/** What is told besides. */
export interface Told {
  message?: string
  /** The flags that are another than before. */
  flagsChanged?: string[]
}

/** Hears of an event. */
type Handler = (told?: Told) => unknown

/** OpenFeature's `ProviderEventEmitter`. */
export interface Emitter {
  emit(event: ProviderEvent, told?: Told): void
  addHandler(event: string, handler: Handler): void
  removeHandler(event: string, handler: Handler): void
  removeAllHandlers(event?: string): void
  getHandlers(event: string): Handler[]
  setLogger(logger: { error(...said: unknown[]): void }): Emitter
}

/** Makes an emitter; what a handler throws reaches neither the others nor the page. */
export function createEmitter(): Emitter {
  const all = new Map<string, Handler[]>()
  let complain: (...said: unknown[]) => void = () => {}
  const emitter: Emitter = {
    emit(event, told) {
      // A handler may be asynchronous: its failure is heard in the same way.
      const failed = (error: unknown) => complain('nunchi: a handler of', event, 'failed:', error)
      for (const handler of emitter.getHandlers(event))
        try {
          // A handler may be asynchronous: its failure is heard in the same way.
          Promise.resolve(handler(told)).catch(failed)
        } catch (error) {
          failed(error)
        }
    },
    addHandler(event, handler) {
      all.set(event, [...emitter.getHandlers(event), handler])
    },
    removeHandler(event, handler) {
      all.set(
        event,
        emitter.getHandlers(event).filter((one) => one !== handler),
      )
    },
    removeAllHandlers(event) {
      if (event) all.delete(event)
      else all.clear()
    },
    getHandlers: (event) => [...(all.get(event) ?? [])],
    setLogger(logger) {
      complain = (...said) => logger.error(...said)
      return emitter
    },
  }
  return emitter
}
