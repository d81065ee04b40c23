/** A Chromium on a profile of its own that can be killed, and started again on the same profile. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { chromiumArgs, chromiumHint, findChromium } from '../../lib/chromium.ts'

/** One that serves many visitors. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executable(), args: [...chromiumArgs] })
}

/** One that has a single visitor, and can die. */
export interface MortalBrowser {
  /** Starts it, on the profile that the last one left. */
  start(): Promise<BrowserContext>
  /** Ends all its processes with SIGKILL. */
  kill(): Promise<void>
  /** Kills it, and removes the profile. */
  close(): Promise<void>
}

function executable(): string {
  const path = findChromium()
  if (!path) throw new Error(`The bench needs a browser: ${chromiumHint}.`)
  return path
}

/** Prepares one; nothing runs yet. */
export function mortalBrowser(): MortalBrowser {
  const folder = mkdtempSync(join(tmpdir(), 'nunchi-faults-'))
  const args = [...chromiumArgs, '--headless', '--remote-debugging-port=0', `--user-data-dir=${folder}`]
  let child: ChildProcess | undefined
  const strike = () => {
    try {
      if (child?.pid) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }
  process.once('exit', strike)
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    strike()
    await gone
  }
  return {
    async start() {
      // A process group of its own, so that killing it reaches the renderers too.
      const started = spawn(executable(), [...args, 'about:blank'], {
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      child = started
      const address = await new Promise<string>((resolve, reject) => {
        started.once('exit', (code) => reject(new Error(`Chromium ended at its start with code ${code}.`)))
        createInterface(started.stderr).on('line', (line) => {
          const found = /DevTools listening on (ws:\S+)/.exec(line)
          if (found) resolve(found[1]!)
        })
      })
      const browser = await chromium.connectOverCDP(address)
      return browser.contexts()[0]!
    },
    kill,
    async close() {
      process.off('exit', strike)
      await kill()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
