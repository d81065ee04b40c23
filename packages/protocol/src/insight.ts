/** The wire type of insights: why two people fit, or why a list was recommended, in words. */

/** The languages that insights are written in. */
export type InsightLanguage = 'en' | 'ko'

/** Why something fits, and how to begin. All texts are plain: show them as text, never as HTML. */
export interface Insight {
  /** How well it fits, in one or two sentences; at most 400 characters. */
  compatibility: string
  /** 1 to 5 sentences of at most 200 characters. */
  reasons: string[]
  /** Three ways to begin: what to say to the other person, or where to start; at most 200 characters each. */
  starters: [string, string, string]
  language: InsightLanguage
  /** Whether a language model wrote it, or our own sentences over the same reasons. */
  source: 'model' | 'template'
  /** Counts up with the wording of what the model is asked, and of our sentences. */
  promptVersion: number
}
