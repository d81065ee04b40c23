/** The panel's list of events: each with how far it has come, and what waits on the device. */
import type { Event } from '@nunchi/protocol'
import type { Client } from '../client.ts'
import type { Stage, Stages } from '../stages.ts'
import { element } from './element.ts'

/** How many events are shown. */
const most = 50

/** What a stage is called, and whether the event is at its end. */
const words: { [stage in Stage]: [word: string, ended: boolean] } = {
  event: ['in memory', false],
  stored: ['on the device', false],
  sending: ['on its way', false],
  beacon: ['handed to the browser', false],
  acked: ['in Postgres', true],
  rejected: ['refused', true],
  failed: ['failed, tried again', false],
  dropped: ['dropped', true],
}

/** A part of the panel, and how to end it. */
export interface Part {
  node: HTMLElement
  close(): void
}

function nameOf({ type, name }: Event): string {
  return type === 'track' ? name : type === 'page' ? `page ${name}` : type
}

/** Why an event has come no further, where the stage says so. */
function why(stage: Stage, detail: Stages[Stage]): string {
  const { reason, status, rejections } = detail as Partial<
    Stages['dropped'] & Stages['failed'] & Stages['rejected']
  >
  if (stage === 'dropped') return `: ${reason}`
  if (stage === 'failed') return status ? ` (${status})` : ' (no answer)'
  if (stage === 'rejected') return rejections?.[0] ? `: ${rejections[0].code}. ${rejections[0].fix}` : ''
  return ''
}

/** Makes the list for a client. */
export function eventsPart(client: Client): Part {
  const list = element('ol', { 'aria-label': 'Events, the newest first' })
  const count = element('p', { className: 'soft', role: 'status' })
  const shown = new Map<string, { stage: HTMLElement; ended: boolean }>()
  let made = 0
  let ended = 0
  const tell = () => {
    count.textContent = made
      ? `${made} made on this page, ${made - ended} not yet at their end.`
      : 'None yet.'
  }

  const add = (event: Event) => {
    made++
    const stage = element('span', { className: 'soft' }, words.event[0])
    const properties = element('pre', {}, JSON.stringify(event, null, 1))
    const more = element('details', {}, element('summary', {}, nameOf(event)), properties)
    list.prepend(element('li', {}, more, stage))
    shown.set(event.id, { stage, ended: false })
    if (list.children.length > most) list.lastElementChild?.remove()
    if (shown.size > most * 4) shown.delete(shown.keys().next().value as string)
  }

  const stop = client.on((stage, detail) => {
    if (stage === 'event') add(detail as Event)
    else
      for (const id of (detail as { ids: string[] }).ids) {
        const one = shown.get(id)
        if (!one || one.ended) continue
        const [word, end] = words[stage]
        one.stage.textContent = word + why(stage, detail)
        one.stage.className = stage === 'rejected' || stage === 'dropped' ? 'bad' : 'soft'
        one.ended = end
        if (end) ended++
      }
    tell()
  })
  tell()
  return { node: element('div', {}, count, list), close: stop }
}
