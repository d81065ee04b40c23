/** nunchi/devtools: a panel in the page for its developers. Load it lazily, and never for visitors. */
import type { Client } from '../client.ts'
import type { ExperimentsApi } from '../experiments/api.ts'
import type { Consent } from '../plugins/consent.ts'
import { decisionsPart } from './decisions.ts'
import { element } from './element.ts'
import { eventsPart } from './events.ts'
import { style } from './style.ts'
import { visitorPart } from './visitor.ts'

/** What the panel can show: any client, with what its plugins put on it. */
export type Inspected = Client & { experiments?: ExperimentsApi; consent?: Consent }

/** The panel. */
export interface Devtools {
  /** Opens it; the focus goes there. */
  open(): void
  /** Folds it into its button; the focus goes there. */
  close(): void
  /** Takes it out of the page, with all its listeners. */
  remove(): void
}

function dress(root: ShadowRoot): void {
  try {
    // No style element: a strict content policy forbids one.
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(style)
    root.adoptedStyleSheets = [sheet]
  } catch {
    root.append(element('style', {}, style))
  }
}

const section = (title: string, open: boolean, node: Node) =>
  element('details', { open }, element('summary', {}, title), node)

/**
 * Puts the panel into the page: events with how far they have come, flags and experiments with their reasons, forcing
 * them, consent. It lives in a shadow root, so that neither touches the other's looks.
 *
 * @example if (location.search.includes('devtools')) import('nunchi/devtools').then(({ devtools }) => devtools(nunchi))
 */
export function devtools(client: Inspected): Devtools {
  const host = element('nunchi-devtools' as 'div')
  const root = host.attachShadow({ mode: 'open' })
  dress(root)
  const events = eventsPart(client)
  const visitor = visitorPart(client)
  const decisions = client.experiments && decisionsPart(client.experiments)
  const title = element('h2', { id: 'title', tabIndex: -1 }, 'nunchi')
  const fold = element('button', { type: 'button' }, 'Close')
  const panel = element(
    'section',
    { className: 'panel', hidden: true, 'aria-labelledby': 'title' },
    element('header', {}, title, fold),
    element(
      'div',
      { className: 'body', tabIndex: 0, role: 'region', 'aria-label': 'What nunchi knows of this page' },
      section('Events', true, events.node),
      ...(decisions ? [section('Flags and experiments', true, decisions.node)] : []),
      section('Visitor', false, visitor.node),
    ),
  )
  const button = element('button', { type: 'button', className: 'open', 'aria-expanded': 'false' }, 'nunchi')
  root.append(button, panel)

  const show = (open: boolean) => {
    panel.hidden = !open
    button.hidden = open
    button.setAttribute('aria-expanded', `${open}`)
    if (open) visitor.draw()
    ;(open ? title : button).focus()
  }
  button.onclick = () => show(true)
  fold.onclick = () => show(false)
  panel.onkeydown = ({ key, isComposing }) => {
    if (key === 'Escape' && !isComposing) show(false)
  }
  document.body.append(host)
  return {
    open: () => show(true),
    close: () => show(false),
    remove() {
      events.close()
      decisions?.close()
      host.remove()
    },
  }
}
