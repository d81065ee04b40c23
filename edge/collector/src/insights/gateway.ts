/** What insights keep in the database: what was written, and what it cost. */
import type { FoundKey } from '../cache/keys.ts'
import type { Storage } from '../storage/storage.ts'
import type { Written } from './read-answer.ts'

/** What is there for a question: an answer from before, or leave to ask the model, or none. */
export type Begun = { answer: Written | null } | { granted: boolean; day: string }

/** What was reserved for a question, and what became of it. */
export interface Ended {
  day: string
  reserved: number
  used: number
  /** Keeps the answer under this key. */
  keep?: { cacheKey: string; answer: Written | null; keepMs: number }
}

/** The insights of one project's environment. */
export interface InsightGateway {
  /** Which one that is: a part of what caches know answers by. */
  whose: string
  begin(asked: { cacheKey: string; reserve: number; budget: number }): Promise<Begun>
  end(ended: Ended): Promise<void>
}

/** By any key in force; who may read which insight, the route has decided. */
export function keyInsights(
  storage: Storage,
  keyHash: string,
  { projectId, environment }: Pick<FoundKey, 'projectId' | 'environment'>,
): InsightGateway {
  return {
    whose: `${projectId} ${environment}`,
    async begin(asked) {
      const begun = await storage.call<Begun | { error: string }>('insight_begin', { ...asked, keyHash })
      if ('error' in begun) throw new Error(`insight_begin: ${begun.error}`)
      return begun
    },
    async end({ keep, ...ended }) {
      await storage.call('insight_end', { ...ended, ...keep, keyHash })
    },
  }
}
