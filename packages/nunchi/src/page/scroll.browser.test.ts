import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Scroll, watchScroll } from './scroll.ts'

const home = location.href
let stop = new AbortController()

function open(html: string): Scroll {
  document.body.innerHTML = html
  return watchScroll(stop.signal)
}

/** Lets idle work be done. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 120))
const tall = (heights: number) => `<div style="height:${heights * 100}vh"></div>`

afterEach(() => {
  stop.abort()
  stop = new AbortController()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  document.body.innerHTML = ''
  history.replaceState(null, '', home)
  scrollTo(0, 0)
})

describe('the depth of scrolling', () => {
  it('is the most of the page that was seen', async () => {
    const scroll = open(tall(10))
    await settle()
    const top = scroll.depth()
    scrollTo(0, document.documentElement.scrollHeight / 2)
    await settle()
    scrollTo(0, 0)
    await settle()
    expect(top).toBeLessThan(20)
    expect(scroll.depth()).toBeGreaterThanOrEqual(50)
    expect(scroll.depth()).toBeLessThan(70)
  })

  it('is all at the end of the page', async () => {
    const scroll = open(tall(3))
    scrollTo(0, document.documentElement.scrollHeight)
    await settle()
    expect(scroll.depth()).toBe(100)
  })

  it('is all of a page that fits, and less once the page has become longer', async () => {
    const scroll = open('')
    await settle()
    expect(scroll.depth()).toBe(100)
    document.body.innerHTML = tall(10)
    await settle()
    expect(scroll.depth()).toBeLessThan(20)
  })

  it('is that of the part that scrolls where the page itself does not', async () => {
    const scroll = open(
      '<style>*{margin:0}</style><main style="height:90vh;overflow:auto"><div style="height:900vh"></div></main><ul style="height:5vh;overflow:auto"><li style="height:100vh"></ul>',
    )
    const [main, list] = [document.querySelector('main')!, document.querySelector('ul')!]
    main.scrollTop = main.scrollHeight / 2
    await settle()
    list.scrollTop = list.scrollHeight
    await settle()
    expect(scroll.depth()).toBeGreaterThanOrEqual(50)
    expect(scroll.depth()).toBeLessThan(80)
  })

  it('reads no layout while the page scrolls, but once afterwards; without requestIdleCallback, too', async () => {
    for (const lacking of [false, true]) {
      if (lacking)
        Reflect.deleteProperty(Object.assign(window, { kept: requestIdleCallback }), 'requestIdleCallback')
      open(tall(10))
      await new Promise((resolve) => setTimeout(resolve, 400))
      const reads = vi.spyOn(Element.prototype, 'scrollTop', 'get')
      for (let i = 0; i < 50; i++) document.dispatchEvent(new Event('scroll'))
      expect(reads).not.toHaveBeenCalled()
      await new Promise((resolve) => setTimeout(resolve, 400))
      expect(reads).toHaveBeenCalledTimes(1)
      reads.mockRestore()
      stop.abort()
      stop = new AbortController()
      if (lacking)
        Object.assign(window, { requestIdleCallback: (window as unknown as { kept: unknown }).kept })
    }
  })

  it('reads at once what is marked when the page leaves', () => {
    const scroll = open(tall(10))
    document.dispatchEvent(new Event('scroll'))
    expect(scroll.depth()).toBe(0)
    scroll.settle()
    expect(scroll.depth()).toBeGreaterThan(0)
  })

  it('is not moved by a page that is at another address already, until its view begins', async () => {
    const scroll = open(tall(10))
    await settle()
    history.pushState(null, '', '/short')
    document.body.innerHTML = ''
    await settle()
    expect(scroll.depth()).toBeLessThan(20)
    scroll.reset()
    await settle()
    expect(scroll.depth()).toBe(100)
  })

  it('is watched no longer than asked for', async () => {
    const scroll = open(tall(10))
    await settle()
    stop.abort()
    scrollTo(0, document.documentElement.scrollHeight)
    await settle()
    expect(scroll.depth()).toBeLessThan(20)
  })
})
