/** The list of the latest events, each with its five places and, when opened, what it says. */
import { el, setText } from './dom.js'
import { clock, t } from './language.js'

const shownEvents = 30
const lastStage = 4
const items = new Map()

/** How many events the list shows at most. */
export const listBound = shownEvents

/** Where an event was last seen, 0 to 4, or undefined if this page has not heard of it. */
export function stageOf(id) {
  return items.get(id)?.stage
}

/** Whether an event's last try failed, so that it waits for the next. */
export function isRetrying(id) {
  return items.get(id)?.stage === 1 && items.get(id).note !== null
}

/** Takes an event into the list: `{ id, name, ts, type? }` at a stage. Known ones only move on. */
export function noteEvent({ id, name, ts, type, page }, stage) {
  const known = items.get(id) ?? { id, ts, stage: 0, note: null, row: null, fresh: true }
  items.set(
    id,
    Object.assign(known, { name: known.name ?? name, type: known.type ?? type, page: known.page ?? page }),
  )
  noteStage([id], stage)
}

/** Moves events to a stage; a row stays a row, whatever is heard afterwards. */
export function noteStage(ids, stage, note = null) {
  for (const id of ids) {
    const item = items.get(id)
    if (!item || item.stage === lastStage) continue
    item.stage = stage
    item.note = note
  }
}

/** Rows seen in Postgres: the last stage, with what the database says of them. */
export function noteRows(rows) {
  for (const row of rows) {
    noteEvent({ id: row.id, name: row.name, type: row.type, ts: timeOf(row.occurredAt) }, lastStage)
    items.get(row.id).row = row
  }
}

/** Forgets everything, for a new visitor. */
export function clearList() {
  items.clear()
}

/** Draws the list; returns how many events it left out. `isWaiting` says which ids must not be forgotten. */
export function drawList(list, isWaiting) {
  const sorted = [...items.values()].sort((a, b) => b.ts - a.ts || (a.id < b.id ? 1 : -1))
  const shown = sorted.slice(0, shownEvents)
  for (const item of sorted.slice(shownEvents)) forget(item, isWaiting)
  const nodes = shown.map((item) => {
    item.node ??= drawItem(item)
    updateItem(item)
    return item.node
  })
  for (const node of [...list.children]) if (!nodes.includes(node)) node.remove()
  nodes.forEach((node, index) => {
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null)
  })
  return sorted.length - shown.length
}

function forget(item, isWaiting) {
  item.node = undefined
  if (!isWaiting(item.id)) items.delete(item.id)
}

function drawItem(item) {
  const strip = el(
    'span',
    { class: 'strip' },
    [0, 1, 2, 3, lastStage].map(() => el('i')),
  )
  const parts = {
    name: el('span', { class: 'event-name' }),
    where: el('span', { class: 'event-where' }),
    facts: el('dl', { class: 'event-facts' }),
  }
  const summary = el(
    'summary',
    {},
    parts.name,
    el('time', { class: 'event-time' }, clock(item.ts)),
    strip,
    parts.where,
  )
  item.parts = parts
  return el('li', { class: 'event', 'data-stage': '0' }, el('details', {}, summary, parts.facts))
}

/** A new event is first drawn at its first place, so that one sees it walk even when it is quick. */
function updateItem(item) {
  const { node, parts } = item
  const stage = item.fresh ? 0 : item.stage
  if (item.fresh) {
    item.fresh = false
    requestAnimationFrame(() => requestAnimationFrame(() => updateItem(item)))
  }
  if (!node) return
  if (node.dataset.stage !== String(stage)) node.dataset.stage = String(stage)
  node.classList.toggle('is-retrying', item.note !== null)
  setText(parts.name, nameOf(item))
  setText(parts.where, item.note ?? t(`stage.long.${item.stage}`))
  const facts = describe(item)
  const written = JSON.stringify(facts)
  if (item.written === written) return
  item.written = written
  parts.facts.replaceChildren(...facts.flatMap(([term, value]) => [el('dt', {}, term), el('dd', {}, value)]))
}

/** A page is named by its path, which here is always the same; its query says which page it was. */
function nameOf({ name, type, page }) {
  if (type !== 'page') return name ?? t('list.unnamed')
  return `${t('list.page')} ${page ? new URL(page.url).search : ''}`.trim()
}

function describe({ id, type, ts, row }) {
  const facts = [
    [t('list.id'), id],
    [t('list.occurred'), clock(ts)],
  ]
  if (type) facts.push([t('list.type'), type])
  if (!row) return facts
  const contents = Object.entries(row.properties ?? {}).map(
    ([key, value]) => `${key}: ${JSON.stringify(value)}`,
  )
  return [
    ...facts,
    [t('list.received'), clock(timeOf(row.receivedAt))],
    [t('list.properties'), contents.join('\n') || t('list.noProperties')],
  ]
}

function timeOf(value) {
  return typeof value === 'number' ? value : Date.parse(value)
}
