/** What a User-Agent says: whether a program or a person sent it, on what kind of device, in which browser and system. */
import { isbot } from 'isbot'
import { boundedMap } from '../bounded-map.ts'

/** A kind of device, coarse enough that it tells nobody apart. */
export type DeviceClass = 'desktop' | 'mobile' | 'tablet' | 'bot' | 'server' | 'other'

/** What is stored of a User-Agent; the text itself is not. */
export interface Agent {
  deviceClass: DeviceClass
  /** The browser's common name, such as `Chrome`; no version. */
  browser?: string
  /** The operating system's common name, such as `Windows`; no version. */
  os?: string
  /** Set where a crawler, a monitor, a preview or an automated browser named itself. */
  bot?: true
}

/** The client hints that browsers send unasked (`Sec-CH-UA-Mobile`, `Sec-CH-UA-Platform`), as sent. */
export interface Hints {
  mobile?: string | undefined
  platform?: string | undefined
}

type Rule = [pattern: RegExp, name: string]

// The first that fits: those that also call themselves Chrome or Safari come before them.
const browsers: Rule[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera|OPT|OPiOS)\b/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Whale\//, 'Whale'],
  [/YaBrowser\//, 'Yandex'],
  [/\b(?:UCBrowser|UCWEB)\b/, 'UC Browser'],
  [/Vivaldi\//, 'Vivaldi'],
  [/DuckDuckGo\/|\bDdg\//, 'DuckDuckGo'],
  [/KAKAOTALK/i, 'KakaoTalk'],
  [/\bNAVER\b/, 'Naver'],
  [/\bLine\//, 'LINE'],
  [/Instagram/, 'Instagram'],
  [/\bFB(?:AN|AV|_IAB)\b/, 'Facebook'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\/|\b(?:iPhone|iPad).*AppleWebKit/, 'Safari'],
  [/\b(?:MSIE |Trident\/)/, 'Internet Explorer'],
]

const systems: Rule[] = [
  [/Windows/, 'Windows'],
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/Android|\bAdr\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/Macintosh|Mac OS X/, 'macOS'],
  [/Tizen/, 'Tizen'],
  [/Web0S|webOS/, 'webOS'],
  [/Linux|X11/, 'Linux'],
]

/** Names of `Sec-CH-UA-Platform`, which are truer than the User-Agent's frozen ones. */
const platforms: { [platform: string]: string } = {
  android: 'Android',
  'chrome os': 'ChromeOS',
  'chromium os': 'ChromeOS',
  ios: 'iOS',
  linux: 'Linux',
  macos: 'macOS',
  windows: 'Windows',
}

const tv =
  /\b(?:TV|SmartTV|SMART-TV|AppleTV|GoogleTV|BRAVIA|Roku|CrKey|PlayStation|Xbox|Nintendo|Quest)\b|Tizen|Web0S/
const tablet = /\biPad\b|\bTablet\b|\bKindle\b|\bSilk\/|PlayBook/
const longest = 512

const nameOf = (rules: Rule[], text: string): string | undefined =>
  rules.find(([pattern]) => pattern.test(text))?.[1]

/** The name of a system as any client writes it (`iOS`, `Mac OS X`, `"Windows"`); `undefined` for a strange one. */
export function systemOf(text: string): string | undefined {
  return platforms[text.replaceAll('"', '').trim().toLowerCase()] ?? nameOf(systems, text)
}

function classOf(text: string, os: string | undefined, mobile: string | undefined): DeviceClass {
  if (tv.test(text)) return 'other'
  // An Android that does not call itself mobile is a tablet; that is Google's own rule.
  if (tablet.test(text) || (/Android/.test(text) && !/\bMobile\b/.test(text))) return 'tablet'
  if (mobile === '?1' || os === 'iOS' || os === 'Android' || /\bMobile\b/.test(text)) return 'mobile'
  return os === undefined ? 'other' : 'desktop'
}

function read(text: string, { mobile, platform }: Hints): Agent {
  // Every browser names itself.
  if (text.trim() === '' || isbot(text)) return { deviceClass: 'bot', bot: true }
  const os = platform === undefined ? nameOf(systems, text) : systemOf(platform)
  const browser = nameOf(browsers, text)
  return {
    deviceClass: classOf(text, os, mobile),
    ...(browser === undefined ? {} : { browser }),
    ...(os === undefined ? {} : { os }),
  }
}

/** Reads User-Agents, and remembers the thousand most recent: most visitors have one of a few hundred. */
export function agents(): (userAgent: string | undefined, hints?: Hints) => Agent {
  const known = boundedMap<string, Agent>(1_000)
  return (userAgent = '', hints = {}) => {
    const text = userAgent.slice(0, longest)
    const name = `${hints.mobile?.slice(0, 2) ?? ''}|${hints.platform?.slice(0, 32) ?? ''}|${text}`
    const agent = known.get(name) ?? read(text, hints)
    known.set(name, agent)
    return agent
  }
}
