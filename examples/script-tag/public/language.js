/** Which language the page speaks: Korean or English, kept for the next visit. */
import { keep, kept } from './kept.js'
import { messages } from './messages.js'

const languageKey = 'shop.language'
const listeners = new Set()
let current = remembered() ?? (navigator.language.startsWith('ko') ? 'ko' : 'en')

/** `ko` or `en`. */
export function language() {
  return current
}

/** Switches the language, keeps it, and tells everyone who listens. */
export function setLanguage(next) {
  current = next
  keep(languageKey, next)
  translatePage()
  for (const listener of listeners) listener()
}

/** Calls back after every switch. */
export function onLanguage(listener) {
  listeners.add(listener)
}

/** The sentence of this key, with `{0}`, `{1}` … filled in. */
export function t(key, ...values) {
  const sentence = messages[current][key] ?? key
  return sentence.replace(/\{(\d)\}/g, (_, index) => String(values[Number(index)]))
}

/** Puts every sentence that the HTML names (`data-t`, `data-t-label`, `data-t-placeholder`) in place. */
export function translatePage() {
  document.documentElement.lang = current
  for (const node of document.querySelectorAll('[data-t]')) node.textContent = t(node.dataset.t)
  for (const node of document.querySelectorAll('[data-t-label]')) {
    node.setAttribute('aria-label', t(node.dataset.tLabel))
  }
  for (const node of document.querySelectorAll('[data-t-placeholder]')) {
    node.setAttribute('placeholder', t(node.dataset.tPlaceholder))
  }
}

/** The money that goes with the language. */
export function currency() {
  return current === 'ko' ? 'KRW' : 'USD'
}

/** An amount as people of this language write it: ₩68,000 or $52. */
export function money(amount) {
  return new Intl.NumberFormat(current === 'ko' ? 'ko-KR' : 'en-US', {
    style: 'currency',
    currency: currency(),
    maximumFractionDigits: 0,
  }).format(amount)
}

/** A count with its thousands separated. */
export function count(number) {
  return new Intl.NumberFormat(current).format(number)
}

/** A time of day to the second. */
export function clock(ms) {
  return new Intl.DateTimeFormat(current, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  }).format(ms)
}

function remembered() {
  const choice = kept(languageKey)
  return choice === 'ko' || choice === 'en' ? choice : null
}
