import { expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

it('renders counters, gauges and histograms as Prometheus reads them', () => {
  const metrics = createMetrics()
  const requests = metrics.counter('requests_total', 'Requests.', 'status')
  requests.add(1, '202')
  requests.add(2, '202')
  requests.add(1, 'a"b\\c\nd')
  metrics.counter('plain_total', 'Plain.')
  metrics.gauge('in_flight', 'Now.', () => 3)
  const seconds = metrics.histogram('seconds', 'Time.', [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 5]) seconds.observe(value)
  expect(metrics.render()).toBe(`# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{status="202"} 3
requests_total{status="a\\"b\\\\c\\nd"} 1
# HELP plain_total Plain.
# TYPE plain_total counter
plain_total 0
# HELP in_flight Now.
# TYPE in_flight gauge
in_flight 3
# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{le="0.1"} 2
seconds_bucket{le="1"} 3
seconds_bucket{le="+Inf"} 4
seconds_sum 5.65
seconds_count 4
`)
})

it('gives the same metric for the same name', () => {
  const metrics = createMetrics()
  metrics.counter('a_total', 'A.').add(1)
  metrics.counter('a_total', 'A.').add(1)
  expect(metrics.render()).toContain('a_total 2\n')
})
