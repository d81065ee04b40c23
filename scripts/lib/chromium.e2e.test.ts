/** Which Chromium the tests take, and that this one starts. */
import { chromium } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { chromiumArgs, chromiumHint, findChromium } from './chromium.ts'

describe('findChromium', () => {
  it('finds none where there is none', () => {
    expect(findChromium({ PATH: '/bin' }, () => false)).toBeUndefined()
  })

  it('lets CHROMIUM_PATH decide alone, so that a mistyped path is not covered up by another browser', () => {
    const exists = (path: string) => path === '/usr/bin/chromium'
    expect(findChromium({ CHROMIUM_PATH: '/opt/typo', PATH: '/usr/bin' }, exists)).toBeUndefined()
    expect(findChromium({ CHROMIUM_PATH: '/usr/bin/chromium' }, exists)).toBe('/usr/bin/chromium')
  })

  it('looks along the PATH first', () => {
    expect(findChromium({ PATH: '/opt/own' }, (path) => /own|usr/.test(path))).toBe('/opt/own/chromium')
  })
})

describe('the browser tests', () => {
  it('have a Chromium that starts', async (test) => {
    const executablePath = findChromium()
    if (!executablePath) return test.skip(`${chromiumHint}; every *.browser.test.ts was left out`)
    const browser = await chromium.launch({ executablePath, args: [...chromiumArgs] })
    expect(browser.version()).toMatch(/^\d+\./)
    await browser.close()
  })
})
