/** One person as a card. Every text is set as text: what people write never becomes markup. */
import { called, inWords, nameOf, t } from './words.js'

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value)
  node.append(...children.flat().filter(Boolean))
  return node
}

/** A colour of their own, the same on each visit. */
function hueOf(id) {
  let sum = 7
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 360
  return sum
}

function face({ id, title }) {
  const node = el('span', { class: 'face', 'aria-hidden': 'true' }, [...nameOf(title)][0])
  node.style.setProperty('--hue', hueOf(id))
  return node
}

function head(match) {
  const { town, age } = match.attributes
  const facts = [town && called(town), age && t('years', age)].filter(Boolean)
  return el(
    'div',
    { class: 'person' },
    face(match),
    el(
      'div',
      {},
      el('h3', { id: `name-${match.id}` }, nameOf(match.title)),
      el('p', { class: 'facts' }, facts.join(' · ')),
    ),
  )
}

function likes({ attributes, reasons }) {
  const shared = new Set(reasons.you.flatMap((reason) => reason.shared ?? []))
  const all = [...(attributes.interests ?? [])].sort((a, b) => shared.has(b) - shared.has(a))
  return el(
    'ul',
    { class: 'likes' },
    all.map((one) => el('li', shared.has(one) ? { class: 'shared' } : {}, called(one))),
  )
}

function why({ aiInsights }) {
  if (!aiInsights) return []
  return [
    el('p', { class: 'sum' }, inWords(aiInsights.compatibility)),
    el(
      'ul',
      { class: 'why' },
      aiInsights.reasons.map((reason) => el('li', {}, inWords(reason))),
    ),
  ]
}

function starters({ aiInsights }, open) {
  if (!aiInsights) return null
  const lines = aiInsights.starters.map((line) => el('li', {}, inWords(line)))
  return el(
    'details',
    open ? { open: '' } : {},
    el('summary', {}, t('begin')),
    el('ul', { class: 'starters' }, lines),
  )
}

/** Somebody who may fit. `choose` hears `yes`, `no` or `block`. */
export function suggestion(match, choose) {
  const name = nameOf(match.title)
  const button = (what, label, said, kind) =>
    el(
      'button',
      { type: 'button', class: kind, 'aria-label': t(said, name), onclick: () => choose(what, match) },
      t(label),
    )
  return el(
    'li',
    { class: 'card', 'data-id': match.id },
    head(match),
    likes(match),
    why(match),
    starters(match, false),
    el(
      'div',
      { class: 'choose' },
      button('yes', 'hello', 'helloTo', 'yes'),
      button('no', 'no', 'noTo', 'no'),
      button('block', 'block', 'blockTo', 'quiet'),
    ),
  )
}

/** Somebody with whom both said hello. */
export const mutual = (match) =>
  el('li', { 'data-id': match.id }, head(match), likes(match), starters(match, true))
