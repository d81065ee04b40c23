/** The panel beside the shop: what happens to each event, and whether as many are stored as were made. */
import { verdict, whereabouts } from './balance.js'
import { fetchNetwork, fetchRows, setNetwork } from './demo-server.js'
import { el, setText } from './dom.js'
import {
  clearList,
  drawList,
  isRetrying,
  listBound,
  noteEvent,
  noteRows,
  noteStage,
  stageOf,
} from './event-list.js'
import { clock, count, onLanguage, t } from './language.js'
import {
  countAcked,
  countDropped,
  countFor,
  countHeard,
  countMade,
  countRows,
  ledger,
  onLedger,
} from './ledger.js'
import { setUpFolding } from './panel-fold.js'
import { announce, announceProgress } from './panel-voice.js'
import { attachSdk } from './sdk.js'
import { drawTrials, trialsInWords } from './trials.js'
import { decideAnew } from './variants.js'

const part = (id) => document.getElementById(id)
const pollMs = 1000
const seen = {
  sdk: 'waiting',
  rows: null,
  rowsAt: null,
  rowsFailed: false,
  down: false,
  networkFailed: false,
}
let drawing = false

/** The stages as the SDK names them; `failed` goes back to the store, from where it is tried again. */
const stages = {
  event: (event) => {
    countFor(window.nunchi.anonymousId)
    countMade(event)
    noteEvent(event, 0)
  },
  stored: ({ ids }) => hear(ids, 1),
  sending: ({ ids }) => hear(ids, 2),
  beacon: ({ ids }) => hear(ids, 2),
  failed: ({ ids }) => hear(ids, 1, t('stage.retry')),
  acked: ({ ids }) => {
    countAcked(ids)
    noteStage(ids, 3)
    pollSoon()
  },
  dropped: ({ ids, reason }) => {
    countDropped(ids, reason)
    noteStage(ids, 0, t('stage.dropped', reason))
  },
}

/** Stub calls and the first page view may be in the store before the panel could see them made. */
function hear(ids, stage, note) {
  countHeard(ids)
  for (const event of ledger().waiting) if (ids.includes(event.id)) noteEvent(event, stage)
  noteStage(ids, stage, note)
}

attachSdk({
  onStage: (stage, detail) => {
    stages[stage]?.(detail)
    draw()
  },
  onState: (state) => {
    seen.sdk = state
    if (state === 'ready') begin()
    draw()
  },
})

/** Takes up what this visitor's earlier visits left behind. */
function begin() {
  countFor(window.nunchi.anonymousId)
  for (const event of ledger().waiting) noteEvent(event, 1)
  poll()
}

async function poll() {
  clearTimeout(poll.timer)
  poll.timer = setTimeout(poll, pollMs)
  if (document.visibilityState === 'hidden') return
  await Promise.allSettled([pollRows(), pollNetwork()])
  draw()
}

function pollSoon() {
  clearTimeout(poll.timer)
  poll.timer = setTimeout(poll, 120)
}

async function pollRows() {
  const visitor = window.nunchi?.anonymousId
  if (!visitor) return
  countFor(visitor)
  try {
    const { rows, total } = await fetchRows(visitor)
    if (visitor !== window.nunchi.anonymousId) return
    Object.assign(seen, { rows: total, rowsAt: Date.now(), rowsFailed: false })
    countRows(rows)
    noteRows(rows)
  } catch {
    seen.rowsFailed = true
  }
}

async function pollNetwork() {
  if (part('network').disabled) return
  const { down } = await fetchNetwork()
  seen.down = down
}

async function switchNetwork() {
  const button = part('network')
  button.disabled = true
  try {
    const { down } = await setNetwork(!seen.down)
    Object.assign(seen, { down, networkFailed: false })
    announce(t(down ? 'network.down' : 'network.up'))
    if (!down) window.nunchi?.flush?.()
  } catch {
    seen.networkFailed = true
  }
  button.disabled = false
  button.focus()
  draw()
}

function burst() {
  for (let number = 1; number <= 40; number++) window.nunchi.track('Burst Sent', { number, of: 40 })
}

function newVisitor() {
  window.nunchi.reset()
  countFor(window.nunchi.anonymousId)
  clearList()
  seen.rows = null
  decideAnew()
  announce(t('action.visitorDone'))
  poll()
  draw()
}

/** Chance has no memory: drawn again, a visitor may well get the same. */
function reroll() {
  newVisitor()
  announce(t('trials.rerolled', trialsInWords()))
}

/** Draws at most once a frame, however many events there are. */
function draw() {
  if (drawing) return
  drawing = true
  requestAnimationFrame(() => {
    drawing = false
    drawBalance()
    drawControls()
    drawEvents()
  })
}

function drawBalance() {
  const book = ledger()
  const places = whereabouts(book, seen.rows, stageOf)
  const retrying = book.waiting.some(({ id }) => isRetrying(id))
  const said = verdict(book, seen.rows, places, { down: seen.down, retrying })
  const known = seen.rows === null ? '–' : count(seen.rows)
  setText(part('made'), count(book.made))
  setText(part('acked'), count(book.acked))
  setText(part('rows'), known)
  setText(part('verdict'), said.text)
  setText(part('panel-sum'), t('panel.bar', count(book.made), known))
  part('panel').dataset.tone = said.tone
  part('balance').dataset.equal = String(book.made === book.acked && book.acked === seen.rows)
  places.forEach((number, place) => {
    const [value, label] = stageNode(place).children
    setText(value, count(number))
    setText(label, t(`stage.${place}`))
    stageNode(place).classList.toggle('is-empty', number === 0)
  })
  announceProgress(book.made, seen.rows)
}

function stageNode(place) {
  const list = part('stages')
  while (list.children.length <= place) list.append(el('li', {}, el('b'), el('span')))
  return list.children[place]
}

function drawControls() {
  const ready = seen.sdk === 'ready'
  part('network').setAttribute('aria-checked', String(seen.down))
  part('burst').disabled = part('visitor').disabled = part('reroll').disabled = !ready
  drawTrials(part('trials'))
  const hint = part('network-hint')
  hint.hidden = !(seen.down && ledger().waiting.length)
  setText(hint, t('network.hint'))
  const notice = noticeText()
  part('panel-notice').hidden = !notice
  setText(part('panel-notice'), notice)
}

function noticeText() {
  if (seen.sdk === 'blocked') return t('sdk.blocked')
  if (seen.sdk === 'waiting') return t('sdk.waiting')
  if (seen.sdk === 'refused') return t('sdk.gpc')
  if (seen.networkFailed) return t('network.failed')
  if (seen.rowsFailed) return seen.rowsAt ? t('rows.failed', clock(seen.rowsAt)) : t('rows.never')
  return ''
}

function drawEvents() {
  const waiting = new Set(ledger().waiting.map(({ id }) => id))
  drawList(part('events'), (id) => waiting.has(id))
  const length = part('events').children.length
  part('list-empty').hidden = length > 0
  part('list-more').hidden = length < listBound
  setText(part('list-more'), t('list.more', listBound))
}

onLedger(draw)
onLanguage(() => {
  clearList()
  for (const event of ledger().waiting) noteEvent(event, 1)
  poll()
  draw()
})
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && pollSoon())
part('network').addEventListener('click', switchNetwork)
part('burst').addEventListener('click', burst)
part('visitor').addEventListener('click', newVisitor)
part('reroll').addEventListener('click', reroll)
setUpFolding()
poll()
draw()
