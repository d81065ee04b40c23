/** What the panel says to screen readers: a word now and then, never one for each event. */
import { count, t } from './language.js'

const quietMs = 10_000
let spoken = ''
let spokenAt = 0

/** Says a sentence at once; for what the visitor did. */
export function announce(sentence) {
  document.getElementById('announcer').textContent = sentence
  spokenAt = Date.now()
}

/** Says how the counts stand, if they changed and nothing was said for ten seconds. */
export function announceProgress(made, rows) {
  const folded = document.getElementById('panel-toggle').getAttribute('aria-expanded') === 'false'
  if (folded || rows === null || Date.now() - spokenAt < quietMs) return
  const sentence = t('announce.progress', count(made), count(rows))
  if (sentence === spoken) return
  spoken = sentence
  announce(sentence)
}
