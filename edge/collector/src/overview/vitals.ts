/** How good a Web Vital is, by the thresholds that web.dev publishes. */

const thresholds = {
  LCP: [2500, 4000],
  INP: [200, 500],
  CLS: [0.1, 0.25],
  FCP: [1800, 3000],
  TTFB: [800, 1800],
} as const

/** Rates a 75th percentile: ms, or for CLS its score. */
export function ratingOf(metric: keyof typeof thresholds, value: number): 'good' | 'fair' | 'poor' {
  const [good, fair] = thresholds[metric]
  return value <= good ? 'good' : value <= fair ? 'fair' : 'poor'
}
