/** The panel's view of the experiment and the flag: what this visitor has, and how it came about. Looking exposes nobody. */
import { el } from './dom.js'
import { t } from './language.js'

/** Name, value and reason of each, in words; nothing while there is no config. */
function trials() {
  const { config, inspectExperiment, inspectFlag } = window.nunchi?.experiments ?? {}
  if (!config) return []
  const layout = inspectExperiment('card-layout')
  const wrapping = inspectFlag('gift-wrapping')
  const { coverage = 1e6 } = config.flags['gift-wrapping']?.rules?.[0]?.rollout ?? {}
  const drawn = layout.assigned ? 'trials.chance' : 'trials.over'
  return [
    [
      t('trials.layout'),
      layout.variant === 'gallery' ? t('trials.layout.gallery') : t('trials.layout.patchwork'),
      t(layout.reason === 'override' ? 'trials.forced' : drawn),
    ],
    [
      t('trials.wrapping'),
      t(`trials.wrapping.${wrapping.value === true}`),
      wrapping.reason === 'override' ? t('trials.forced') : t('trials.share', coverage / 1e4),
    ],
  ]
}

/** What this visitor has, as one sentence to be read out. */
export function trialsInWords() {
  return trials()
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

/** Draws the list, where it is another than before. */
export function drawTrials(list) {
  const all = trials()
  const text = JSON.stringify([t('trials.none'), all])
  if (list.dataset.drawn === text) return
  list.dataset.drawn = text
  list.replaceChildren(
    ...(all.length
      ? all.map(([name, value, why]) =>
          el('div', {}, el('dt', {}, name), el('dd', {}, el('b', {}, value), el('small', {}, why))),
        )
      : [el('div', {}, el('dt', {}, t('trials.none')))]),
  )
}
