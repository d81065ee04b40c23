/** The page with the experiment's live results: asks the demo's server every few seconds, and draws what changed. */
import { fetchResults, letCrowdIn } from './demo-server.js'
import { setText } from './dom.js'
import { clock, count, language, onLanguage, setLanguage, t, translatePage } from './language.js'
import { healthOf, metricsOf, tableOf, verdictOf, verdictWords } from './results-view.js'

const part = (id) => document.getElementById(id)
const pollMs = 3000
const seen = { results: null, at: null, failed: false, paused: false, letting: false }

/** Puts new nodes in place where they say something else than those that stand. */
function put(id, nodes) {
  const shell = document.createElement('div')
  shell.append(...nodes)
  const text = shell.innerHTML
  if (part(id).dataset.drawn === text) return
  part(id).dataset.drawn = text
  part(id).replaceChildren(...shell.childNodes)
}

function draw() {
  document.title = `${t('results.title')} · ${t('title.shop')}`
  part('language').lang = language() === 'ko' ? 'en' : 'ko'
  setText(part('language'), language() === 'ko' ? 'English' : '한국어')
  setText(part('pause'), t(seen.paused ? 'results.resume' : 'results.pause'))
  part('crowd').disabled = seen.letting
  setText(part('as-of'), asOf())
  const { results } = seen
  if (!results) return
  put('health', healthOf(results))
  put('verdict', verdictOf(results))
  put('metrics', metricsOf(results))
  put('table', tableOf(results))
  part('twin').hidden = part('looking').hidden = results.metrics.length === 0
  setText(part('look-note'), results.look.note[language()])
  setText(part('announcer'), verdictWords(results))
}

function asOf() {
  if (seen.failed) return seen.at ? t('results.failed', clock(seen.at)) : t('results.never')
  if (!seen.at) return t('results.loading')
  return t('results.asOf', clock(seen.at)) + (seen.paused ? ` ${t('results.paused')}` : '')
}

async function look() {
  try {
    Object.assign(seen, { results: await fetchResults(), at: Date.now(), failed: false })
  } catch {
    seen.failed = true
  }
  draw()
}

async function poll() {
  clearTimeout(poll.timer)
  if (!seen.paused && document.visibilityState === 'visible') await look()
  clearTimeout(poll.timer)
  poll.timer = setTimeout(poll, pollMs)
}

async function onCrowd() {
  seen.letting = true
  setText(part('said'), t('results.letting'))
  draw()
  try {
    const { visitors } = await letCrowdIn()
    setText(part('said'), t('results.let', count(visitors)))
  } catch {
    setText(part('said'), t('results.closed'))
  }
  seen.letting = false
  await look()
  part('crowd').focus()
}

part('crowd').addEventListener('click', onCrowd)
part('pause').addEventListener('click', () => {
  seen.paused = !seen.paused
  draw()
  poll()
})
part('language').addEventListener('click', () => setLanguage(language() === 'ko' ? 'en' : 'ko'))
onLanguage(() => {
  setText(part('said'), '')
  draw()
})
document.addEventListener('visibilitychange', poll)
translatePage()
draw()
poll()
