/** The panel's part about the visitor: ids, and consent with what can be said of it. */
import type { Client } from '../client.ts'
import type { Consent } from '../plugins/consent.ts'
import { element } from './element.ts'

/** Makes the part; `draw` brings it up to date. */
export function visitorPart(client: Client & { consent?: Consent }): { node: HTMLElement; draw(): void } {
  const facts = element('dl')
  const { consent } = client
  const draw = () => {
    const rows: [string, string][] = [
      ['visitor', client.anonymousId],
      ['user', client.userId ?? 'not signed in'],
      ['visit', client.sessionId],
      ['consent', consent ? consent.status : 'not asked (no consent plugin)'],
    ]
    facts.replaceChildren(
      ...rows.flatMap(([term, text]) => [
        element('dt', {}, term),
        element('dd', {}, element('code', {}, text)),
      ]),
    )
  }
  const button = (text: string, act: () => void) =>
    element(
      'button',
      {
        type: 'button',
        onclick: () => {
          act()
          draw()
        },
      },
      text,
    )
  const buttons = [
    ...(consent ? [button('Grant', consent.grant), button('Deny', consent.deny)] : []),
    button('New visitor', () => client.reset()),
  ]
  draw()
  return { node: element('div', {}, facts, element('div', { className: 'row' }, ...buttons)), draw }
}
