/** The overview's cards: figures, tables and the chart of the last hour. */
import { html } from 'hono/html'
import type { Format } from './format.ts'
import type { Messages } from './messages.ts'
import type { Counted, Overview, Totals, Vital } from './overview.ts'
import { ratingOf } from './vitals.ts'

/** A piece of HTML; what is put into it is escaped. */
export type Html = ReturnType<typeof html>

/** What every card is made with. */
export interface Pen {
  say: Messages
  format: Format
}

/** Names come from visitors: isolated, so that their direction marks turn nothing around them, and cut. */
const name = (text: string) => html`<bdi>${text.length > 120 ? `${text.slice(0, 119)}…` : text}</bdi>`

/** People of the last five minutes. */
export function nowCard({ say, format }: Pen, { visitorsNow }: Overview): Html {
  return html`<section class="card now" data-part="now" aria-labelledby="now">
    <h2 id="now">${say.now}</h2>
    <p class="figure" role="status">${format.count(visitorsNow)}</p>
    <p class="soft">${say.nowHelp}</p>
  </section>`
}

/** Events of each of the last 60 minutes, as bars and as a table. */
export function minutesCard({ say, format }: Pen, { minutes }: Overview): Html {
  const most = Math.max(...minutes, 0)
  const sum = minutes.reduce((total, one) => total + one, 0)
  const text = say.perMinuteHelp(format.count(sum), format.count(most))
  const bars = minutes.map((events, i) => {
    const height = most === 0 ? 0 : (events / most) * 100
    return html`<rect x="${i * 10}" y="${(100 - height).toFixed(1)}" width="8" height="${height.toFixed(1)}" />`
  })
  const rows = minutes
    .map((events, i) => ({ ago: minutes.length - 1 - i, events }))
    .reverse()
    .map(
      ({ ago, events }) =>
        html`<tr><td>${format.count(ago)}</td><td class="number">${format.count(events)}</td></tr>`,
    )
  return html`<section class="card" data-part="minutes" aria-labelledby="minutes">
    <h2 id="minutes">${say.perMinute}</h2>
    <svg viewBox="0 0 600 100" preserveAspectRatio="none" role="img" aria-label="${text}">${bars}</svg>
    <p class="soft">${text}</p>
    <details><summary>${say.asTable}</summary><div tabindex="0" role="region" aria-labelledby="minutes"><table>
      <thead><tr><th scope="col">${say.minutesAgo}</th><th scope="col" class="number">${say.events}</th></tr></thead>
      <tbody>${rows}</tbody>
    </table></div></details>
  </section>`
}

/** The totals of the period, each beside the period before. */
export function figureCards({ say, format }: Pen, { totals, before, revenue }: Overview): Html {
  const titles: [keyof Totals, string][] = [
    ['people', say.people],
    ['sessions', say.sessions],
    ['pages', say.pageViews],
    ['events', say.events],
    ['conversions', say.conversions],
  ]
  const cards = titles.map(([key, title]) => {
    const change = format.change(totals[key], before[key])
    return html`<section class="card"><h2>${title}</h2>
      <p class="figure">${format.count(totals[key])}</p>
      <p class="soft">${change === undefined ? say.noChange : say.change(change)}</p></section>`
  })
  const sums = revenue.map(
    ({ currency, amount }) => html`<p class="figure">${format.money(amount, currency)}</p>`,
  )
  return html`<div class="grid figures" data-part="figures">${cards}${
    sums.length > 0 ? html`<section class="card"><h2>${say.revenue}</h2>${sums}</section>` : ''
  }</div>`
}

/** A list of names with their counts. */
export function listCard(
  { say, format }: Pen,
  list: { id: string; title: string; head: string; unit: string; rows: Counted[] },
): Html {
  const { id, title, head, unit, rows } = list
  const body = rows.map(
    (row) => html`<tr><td>${name(row.name)}</td><td class="number">${format.count(row.events)}</td></tr>`,
  )
  const table = html`<table>
      <thead><tr><th scope="col">${head}</th><th scope="col" class="number">${unit}</th></tr></thead>
      <tbody>${body}</tbody>
    </table>`
  return html`<section class="card" data-part="${id}" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>${rows.length > 0 ? table : html`<p class="soft">${say.empty}</p>`}
  </section>`
}

function vitalRow({ say, format }: Pen, { metric, p75, samples }: Vital): Html {
  const rating = ratingOf(metric, p75)
  return html`<tr><th scope="row">${metric}</th><td class="number">${format.vital(metric, p75)}</td>
    <td class="number ${rating}">${say[rating]}</td><td class="number">${format.count(samples)}</td></tr>`
}

/** The Web Vitals. */
export function vitalsCard(pen: Pen, { vitals }: Overview): Html {
  const { say } = pen
  const table = html`<p class="soft">${say.vitalsHelp}</p><table>
      <thead><tr><th scope="col">${say.metric}</th><th scope="col" class="number">${say.value}</th>
        <th scope="col" class="number">${say.rating}</th><th scope="col" class="number">${say.samples}</th></tr></thead>
      <tbody>${vitals.map((vital) => vitalRow(pen, vital))}</tbody>
    </table>`
  return html`<section class="card" data-part="vitals" aria-labelledby="vitals">
    <h2 id="vitals">${say.vitals}</h2>${vitals.length > 0 ? table : html`<p class="soft">${say.empty}</p>`}
  </section>`
}

/** The quality of the data. */
export function qualityCard({ say, format }: Pen, { quality }: Overview): Html {
  const listed = (all: Counted[]) =>
    all.length === 0 ? say.none : all.map((one) => `${one.name} ${format.count(one.events)}`).join(', ')
  const rows: [string, string][] = [
    [say.accepted, format.count(quality.accepted)],
    [say.duplicates, format.count(quality.duplicates)],
    [say.retransmits, format.count(quality.retransmits)],
    [say.rejected, listed(quality.rejected)],
    [say.dropped, listed(quality.dropped)],
    [say.late, format.count(quality.late)],
    [say.bots, format.count(quality.bots)],
    [say.suspect, format.count(quality.suspect)],
    [say.lag, say.seconds(format.count(quality.queueSeconds))],
    [say.deadLetters, format.count(quality.deadLetters)],
  ]
  return html`<section class="card" data-part="quality" aria-labelledby="quality">
    <h2 id="quality">${say.quality}</h2><table><tbody>${rows.map(
      ([title, value]) => html`<tr><th scope="row">${title}</th><td class="number">${value}</td></tr>`,
    )}</tbody></table>
  </section>`
}
