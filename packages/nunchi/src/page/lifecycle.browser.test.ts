import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Phase, watchPage } from './lifecycle.ts'

afterEach(() => vi.restoreAllMocks())

const visibility = (state: DocumentVisibilityState) => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
}

function watch() {
  const phases: Phase[] = []
  const stop = watchPage((phase) => phases.push(phase))
  return { phases, stop }
}

describe('watching a page', () => {
  it('tells each hiding and showing, however often', () => {
    const { phases, stop } = watch()
    for (const state of ['hidden', 'visible', 'hidden', 'visible'] as const) visibility(state)
    stop()
    expect(phases).toEqual(['leave', 'show', 'leave', 'show'])
  })

  it('tells going away and coming back, by load or from the back/forward cache', () => {
    const { phases, stop } = watch()
    dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))
    document.dispatchEvent(new Event('freeze'))
    document.dispatchEvent(new Event('resume'))
    dispatchEvent(new Event('online'))
    stop()
    expect(phases).toEqual(['gone', 'restored', 'show', 'gone', 'show', 'online'])
  })

  it('is told although a listener of the site stops the news', () => {
    const silence = (event: Event) => event.stopImmediatePropagation()
    const { phases, stop } = watch()
    document.addEventListener('visibilitychange', silence)
    visibility('hidden')
    document.removeEventListener('visibilitychange', silence)
    stop()
    expect(phases).toEqual(['leave'])
  })

  it('ends when it is stopped', () => {
    const { phases, stop } = watch()
    stop()
    visibility('hidden')
    dispatchEvent(new PageTransitionEvent('pagehide'))
    expect(phases).toEqual([])
  })

  it('never listens for what would keep the page out of the back/forward cache', () => {
    const added = vi.spyOn(window, 'addEventListener')
    const { stop } = watch()
    stop()
    const types = added.mock.calls.map(([type]) => `${type}`)
    expect(types).toContain('pagehide')
    expect(types).not.toContain('unload')
    expect(types).not.toContain('beforeunload')
  })
})
