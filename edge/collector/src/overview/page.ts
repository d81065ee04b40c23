/** The overview's two pages: the one with the figures, and the one that asks for the key. */
import { html, raw } from 'hono/html'
import { formatOf } from './format.ts'
import { type Language, messages } from './messages.ts'
import type { Overview } from './overview.ts'
import {
  figureCards,
  type Html,
  listCard,
  minutesCard,
  nowCard,
  type Pen,
  qualityCard,
  vitalsCard,
} from './sections.ts'
import { style } from './style.ts'

/** The periods that can be chosen, in days. */
export const periods = [1, 7, 30] as const

function frame(language: Language, title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${title}</title><link rel="icon" href="data:,"><style>${raw(style)}</style></head>
<body>${body}</body></html>`
}

/** The page with the figures, at `path`. */
export function overviewPage(language: Language, path: string, overview: Overview): Html {
  const say = messages[language]
  const pen: Pen = { say, format: formatOf(language) }
  const { project, environment, at, days, pages, sources, countries, devices } = overview
  const choice = periods.map(
    (n) =>
      html`<a href="${path}?days=${n}"${n === days ? raw(' aria-current="page"') : ''}>${n === 1 ? say.today : say.days(n)}</a>`,
  )
  return frame(
    language,
    `${project.name} · ${say.title}`,
    html`<header>
  <div><h1><bdi>${project.name}</bdi></h1><p class="soft" data-part="at">${environment} · ${say.readAt} ${pen.format.moment(at, project.timezone)} (${project.timezone})</p></div>
  <nav aria-label="${say.period}">${choice}</nav>
  <div class="tools"><button type="button" hidden aria-pressed="false" data-pause="${say.pause}" data-resume="${say.resume}">${say.pause}</button>
  <form method="post" action="${path}/sign-out"><button>${say.signOut}</button></form></div>
</header>
<main data-live>
${overview.totals.events === 0 && overview.before.events === 0 ? html`<p class="card">${say.waiting}</p><br>` : ''}
<div class="grid">${nowCard(pen, overview)}${minutesCard(pen, overview)}</div>
${figureCards(pen, overview)}
<div class="grid">
${listCard(pen, { id: 'pages', title: say.pages, head: say.page, unit: say.views, rows: pages })}
${listCard(pen, { id: 'sources', title: say.sources, head: say.source, unit: say.arrivals, rows: sources })}
${listCard(pen, {
  id: 'countries',
  title: say.countries,
  head: say.country,
  unit: say.views,
  rows: countries.map((row) => ({ ...row, name: pen.format.country(row.name) })),
})}
${listCard(pen, { id: 'devices', title: say.devices, head: say.device, unit: say.views, rows: devices })}
${vitalsCard(pen, overview)}
${qualityCard(pen, overview)}
</div>
</main>
<script src="${path}/live.js"></script>`,
  )
}

/** The page that asks for the key, with what was wrong with the last one. */
export function signInPage(language: Language, path: string, problem?: string): Html {
  const say = messages[language]
  return frame(
    language,
    `nunchi · ${say.signIn}`,
    html`<main><form class="sign-in card" method="post" action="${path}/sign-in">
  <h1>${say.signIn}</h1>
  ${problem === undefined ? '' : html`<p role="alert" id="problem">${problem}</p>`}
  <div><label for="key">${say.keyLabel}</label>
  <input id="key" name="key" type="password" autocomplete="current-password" required autofocus spellcheck="false" placeholder="nk_srv_…"></div>
  <button class="main">${say.enter}</button>
  <p class="soft">${say.keyHelp}</p>
  <p class="soft">${say.makeKey}</p><pre><code>nunchi keys create --project NAME --kind srv --scopes overview:read</code></pre>
</form></main>`,
  )
}
