/** Draws an interval beside zero: a bar from its low to its high end, a mark at the estimate, whose shape says the verdict. */

const space = 'http://www.w3.org/2000/svg'
const steps = [0.05, 0.1, 0.2, 0.5, 1]

/** Places of the mark around its own origin: a triangle up for better, down for worse, a round one for not clear. */
const marks = {
  better: 'M0-11 11 8H-11z',
  worse: 'M0 11 11-8H-11z',
  unclear: 'M0-9a9 9 0 1 1 0 18 9 9 0 1 1 0-18z',
}

function shape(name, attributes, ...children) {
  const node = document.createElementNS(space, name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value))
  node.append(...children)
  return node
}

/** How far the scale goes to both sides of zero, so that all of these intervals fit; at most 1. */
export function reachOf(intervals) {
  const most = Math.max(
    0,
    ...intervals.flatMap(({ low, high }) => [Math.abs(low ?? -1), Math.abs(high ?? 1)]),
  )
  return steps.find((step) => step >= most) ?? 1
}

/** Where a value lies, in per cent of the width. */
const placeOf = (value, reach) => 50 + 47 * Math.max(-1, Math.min(1, value / reach))

/** An end of the bar: a cap, or an arrow where the interval goes on beyond the scale. */
function end(value, reach, side) {
  const open = value === null || Math.abs(value) > reach
  const x = `${placeOf(open ? side * reach : value, reach)}%`
  const path = open ? `M${-8 * side}-9 ${4 * side} 0 ${-8 * side} 9` : 'M0-12V12'
  return shape('svg', { x, y: 30, overflow: 'visible' }, shape('path', { d: path, class: 'interval-end' }))
}

/** The mark at the estimate; beyond the scale the arrow says enough. */
function markOf(value, reach, says) {
  if (Math.abs(value) > reach) return []
  const x = `${placeOf(value, reach)}%`
  return [
    shape(
      'svg',
      { x, y: 30, overflow: 'visible' },
      shape('path', { d: marks[says], class: 'interval-mark' }),
    ),
  ]
}

/**
 * Draws one.
 *
 * @param figure `low`, `high` (null where there is no bound) and `value` as shares, `says`, and `label` for those who do not see it
 * @param reach of the scale
 * @param tell writes a share
 */
export function intervalFigure({ low, high, value, says, label }, reach, tell) {
  const from = placeOf(low ?? -reach, reach)
  const to = placeOf(high ?? reach, reach)
  const tick = (share, anchor) =>
    shape('text', { x: `${placeOf(share, reach)}%`, y: 78, 'text-anchor': anchor }, tell(share))
  const lines = [-1, -0.5, 0.5, 1].map((part) =>
    shape('line', {
      x1: `${placeOf(part * reach, reach)}%`,
      x2: `${placeOf(part * reach, reach)}%`,
      y1: 8,
      y2: 56,
      class: 'interval-grid',
    }),
  )
  return shape(
    'svg',
    { class: `interval is-${says}`, role: 'img', 'aria-label': label },
    ...lines,
    shape('line', { x1: '50%', x2: '50%', y1: 2, y2: 60, class: 'interval-zero' }),
    shape('rect', {
      x: `${from}%`,
      y: 23,
      width: `${Math.max(0, to - from)}%`,
      height: 14,
      class: 'interval-bar',
    }),
    end(low, reach, -1),
    end(high, reach, 1),
    ...markOf(value, reach, says),
    tick(-reach, 'start'),
    tick(0, 'middle'),
    tick(reach, 'end'),
  )
}
