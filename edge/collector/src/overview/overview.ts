/** What the overview shows, as `nunchi.overview` answers it. */

/** A name and how often it was counted. */
export interface Counted {
  name: string
  events: number
}

/** The counts of a period. */
export interface Totals {
  people: number
  sessions: number
  pages: number
  events: number
  conversions: number
}

/** One Web Vital over the period. */
export interface Vital {
  metric: 'LCP' | 'INP' | 'CLS' | 'FCP' | 'TTFB'
  /** The 75th percentile: ms, or for CLS its score. */
  p75: number
  samples: number
}

/** How good the period's data is. */
export interface Quality {
  accepted: number
  duplicates: number
  retransmits: number
  late: number
  bots: number
  suspect: number
  rejected: Counted[]
  dropped: Counted[]
  /** Age of the oldest event that is not processed yet, in seconds. */
  queueSeconds: number
  deadLetters: number
}

/** Everything on the page. */
export interface Overview {
  project: { name: string; timezone: string }
  environment: string
  /** When it was read, in ms since the epoch. */
  at: number
  /** Length of the period, in days; today is its last one. */
  days: number
  /** People seen in the last five minutes. */
  visitorsNow: number
  /** Events of each of the last 60 minutes, the oldest first; the last one is still running. */
  minutes: number[]
  totals: Totals
  /** The same, of as many days before. */
  before: Totals
  revenue: { currency: string; amount: number }[]
  pages: Counted[]
  sources: Counted[]
  countries: Counted[]
  devices: Counted[]
  vitals: Vital[]
  quality: Quality
}
