/** What the results say, as elements: health first, then the verdict, then each metric with its interval, and all of it as a table. */
import { el } from './dom.js'
import { intervalFigure, reachOf } from './interval.js'
import { count, language, t } from './language.js'

const variantName = (key) => {
  const name = t(`trials.layout.${key}`)
  return name.startsWith('trials.') ? key : name
}

/** A metric that somebody renamed goes by that name. */
const metricName = ({ key, name }) => {
  const known = {
    cart: 'Put something into the cart',
    orders: 'Ordered',
    removed: 'Took something out again',
  }
  return known[key] === name ? t(`results.metric.${key}`) : name
}

/** A sentence in this language, its metrics by the names they have on this page. */
function inWords(said, { metrics }) {
  const named = metrics.reduce(
    (text, metric) => text.replaceAll(`"${metric.name}"`, `“${metricName(metric)}”`),
    said[language()],
  )
  return (
    named
      // The particle that fits the name; every 28th syllable ends in a vowel.
      .replace(
        /([가-힣])”이\(가\)/g,
        (_, last) => `${last}”${(last.charCodeAt(0) - 0xac00) % 28 ? '이' : '가'}`,
      )
      // No line ends between a number and its sign.
      .replace(/(\d) %/g, '$1\u00a0%')
  )
}

const digits = (value, most, more = {}) =>
  new Intl.NumberFormat(language(), { maximumFractionDigits: most, ...more }).format(value).replace('-', '−')
const signed = (share) =>
  digits(share, Math.abs(share) < 0.1 ? 1 : 0, { style: 'percent', signDisplay: 'exceptZero' })
const tick = (share) => digits(share, 0, { style: 'percent', signDisplay: 'exceptZero' })
const pText = (p) => (p < 0.0001 ? t('results.tiny') : digits(p, p < 0.1 ? 4 : 2))

function valueText({ kind }, value) {
  return ['conversion', 'retention', 'funnel'].includes(kind)
    ? digits(value, 1, { style: 'percent' })
    : digits(value, 2)
}

const bound = (value) => (value === null ? t('results.noBound') : signed(value))
const rangeText = ({ low, high }) => t('results.range', bound(low), bound(high))

/** The shares of the variants beside those planned: before any metric is read. */
export function healthOf({ health: { sampleRatio, multiple, unknownVariants, noResult } }) {
  const title = el('h2', { id: 'health-title' }, t('results.health'))
  if (!sampleRatio)
    return [title, el('p', {}, noResult ? noResult.reason[language()] : t('results.health.none'))]
  const said = sampleRatio.broken ? 'broken' : 'good'
  const shares = sampleRatio.variants.map(({ variant, units, expected }) =>
    el(
      'div',
      {},
      el('dt', {}, variantName(variant)),
      el(
        'dd',
        {},
        el('b', {}, count(units)),
        el('small', { class: 'planned' }, t('results.expected', digits(expected, 0))),
      ),
    ),
  )
  return [
    title,
    el('p', { class: `state is-${said}` }, t(`results.health.${said}`, pText(sampleRatio.pValue))),
    el('dl', { class: 'shares' }, shares),
    ...(multiple > 0 ? [el('p', { class: 'soft' }, t('results.multiple', count(multiple)))] : []),
    ...unknownVariants.map(({ reason }) => el('p', { class: 'soft' }, reason[language()])),
  ]
}

/** What to do about a variant, in a few words. */
const wordOf = ({ variant, verdict }) => t(`results.verdict.${verdict}`, variantName(variant))

/** All verdicts in a few words, to be read out. */
export const verdictWords = ({ verdicts }) => verdicts.map(wordOf).join(', ')

/** What to do, and why. */
export function verdictOf(results) {
  const { verdicts, noResult } = results
  if (verdicts.length === 0)
    return [el('p', { class: 'state' }, noResult?.reason[language()] ?? t('results.loading'))]
  return verdicts.flatMap((advice) => [
    el('p', { class: 'verdict-word', 'data-verdict': advice.verdict }, wordOf(advice)),
    el('p', {}, inWords(advice.reason, results)),
  ])
}

const drawable = (one) => !('noResult' in one) && one.liftInterval !== null && one.lift !== null

function figureOf(metric, one, reach) {
  if (!drawable(one)) {
    const why = one.noResult?.reason[language()] ?? t('results.noLift')
    return el('p', { class: 'soft' }, why)
  }
  const says = t(`results.says.${one.says}`)
  const text = t('results.figure', signed(one.lift), rangeText(one.liftInterval), says)
  const { low, high } = one.liftInterval
  return el(
    'figure',
    {},
    intervalFigure(
      { low, high, value: one.lift, says: one.says, label: `${metricName(metric)}: ${text}` },
      reach,
      tick,
    ),
    el('figcaption', {}, el('b', { class: `says is-${one.says}` }, says), ` ${rangeText(one.liftInterval)}`),
  )
}

const fact = (name, value) => el('div', {}, el('dt', {}, name), el('dd', {}, value))

function factsOf(metric, one, control) {
  if ('noResult' in one) return null
  return el('dl', { class: 'facts' }, [
    fact(variantName(control), valueText(metric, one.control)),
    fact(variantName(one.variant), valueText(metric, one.value)),
    fact(t('results.change'), one.lift === null ? '–' : signed(one.lift)),
  ])
}

/** The experiment's first variant is what the others are compared with. */
const controlOf = ({ health }) => health.sampleRatio?.variants[0]?.variant ?? 'patchwork'

/** Each metric of each variant, on one scale. */
export function metricsOf(results) {
  const all = results.metrics.flatMap(({ variants }) => variants.filter(drawable))
  const reach = reachOf(all.map(({ liftInterval }) => liftInterval))
  return results.metrics.map((metric) =>
    el(
      'article',
      { class: 'plate metric' },
      el('h2', {}, metricName(metric), ' ', el('small', {}, t(`results.role.${metric.role}`))),
      metric.setApart ? el('p', { class: 'state' }, metric.setApart.reason[language()]) : null,
      metric.variants.flatMap((one) => [
        factsOf(metric, one, controlOf(results)),
        figureOf(metric, one, reach),
      ]),
    ),
  )
}

/** The same as a table. */
export function tableOf(results) {
  const heads = ['metric', 'control', 'value', 'change', 'interval', 'p', 'says']
  const row = (metric, one) => {
    const name = el('th', { scope: 'row' }, metricName(metric))
    if ('noResult' in one)
      return el('tr', {}, name, el('td', { colspan: heads.length - 1 }, one.noResult.reason[language()]))
    const cells = [
      `${valueText(metric, one.control)} (${variantName(controlOf(results))})`,
      `${valueText(metric, one.value)} (${variantName(one.variant)})`,
      one.lift === null ? '–' : signed(one.lift),
      one.liftInterval === null ? '–' : rangeText(one.liftInterval),
      pText(one.pValue),
      t(`results.says.${one.says}`),
    ]
    return el(
      'tr',
      {},
      name,
      cells.map((text) => el('td', {}, text)),
    )
  }
  return [
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        heads.map((key) => el('th', { scope: 'col' }, t(`results.head.${key}`))),
      ),
    ),
    el(
      'tbody',
      {},
      results.metrics.flatMap((metric) => metric.variants.map((one) => row(metric, one))),
    ),
  ]
}
