/** Counters, gauges and histograms in Prometheus' text format. */

/** Only goes up; one number for each combination of label values. */
export interface Counter {
  add(amount: number, ...labels: string[]): void
}

/** Counts observations into buckets. */
export interface Histogram {
  observe(value: number): void
}

/** Makes and renders metrics. Label values must come from small fixed sets. */
export interface Metrics {
  counter(name: string, help: string, ...labels: string[]): Counter
  /** @param bounds the buckets' upper bounds, ascending */
  histogram(name: string, help: string, bounds: number[]): Histogram
  /** @param read called at each rendering */
  gauge(name: string, help: string, read: () => number): void
  /** Text exposition format 0.0.4. */
  render(): string
}

const escapeLabel = (text: string): string =>
  text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')

const head = (name: string, help: string, type: string): string =>
  `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`

/** Makes an empty registry; asking twice for a name gives the same metric. */
export function createMetrics(): Metrics {
  const renderers = new Map<string, () => string>()
  const made = new Map<string, Counter | Histogram>()
  const once = <M extends Counter | Histogram>(name: string, make: () => M): M => {
    const metric = (made.get(name) as M | undefined) ?? make()
    made.set(name, metric)
    return metric
  }

  return {
    counter: (name, help, ...labels) =>
      once(name, () => {
        const values = new Map<string, number>()
        renderers.set(name, () => {
          let text = head(name, help, 'counter')
          if (labels.length === 0 && values.size === 0) text += `${name} 0\n`
          for (const [key, value] of values) text += `${name}${key} ${value}\n`
          return text
        })
        return {
          add(amount, ...given) {
            const pairs = labels.map((label, i) => `${label}="${escapeLabel(given[i] ?? '')}"`)
            const key = pairs.length > 0 ? `{${pairs.join(',')}}` : ''
            values.set(key, (values.get(key) ?? 0) + amount)
          },
        }
      }),

    histogram: (name, help, bounds) =>
      once(name, () => {
        const counts = bounds.map(() => 0)
        let sum = 0
        let total = 0
        renderers.set(name, () => {
          let text = head(name, help, 'histogram')
          let below = 0
          bounds.forEach((bound, i) => {
            below += counts[i] ?? 0
            text += `${name}_bucket{le="${bound}"} ${below}\n`
          })
          return `${text}${name}_bucket{le="+Inf"} ${total}\n${name}_sum ${sum}\n${name}_count ${total}\n`
        })
        return {
          observe(value) {
            const i = bounds.findIndex((bound) => value <= bound)
            if (i >= 0) counts[i] = (counts[i] ?? 0) + 1
            sum += value
            total++
          },
        }
      }),

    gauge(name, help, read) {
      renderers.set(name, () => `${head(name, help, 'gauge')}${name} ${read()}\n`)
    },

    render: () => [...renderers.values()].map((renderer) => renderer()).join(''),
  }
}
