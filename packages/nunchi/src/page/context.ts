/** What a batch says about the browser, and an event about its page. */
import type { Context, Page } from '@nunchi/protocol'

/** Temporal, where the browser has it. */
interface Modern {
  Temporal?: { Now: { timeZoneId(): string } }
}

/** Reads locale, time zone, screen and pixel ratio; nothing that would tell one device from its like. */
export function browserContext(): Context {
  const { language } = navigator
  const { width, height } = screen
  return {
    locale: language,
    // The first formatter of a page costs tens of milliseconds; Temporal knows the zone without one.
    timezone:
      (globalThis as Modern).Temporal?.Now.timeZoneId() ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen: { width, height },
    device: { pixelRatio: devicePixelRatio },
  }
}

/** The page as it is now. */
export function currentPage(): Page {
  const { referrer, title } = document
  return { url: location.href, ...(referrer && { referrer }), ...(title && { title }) }
}
