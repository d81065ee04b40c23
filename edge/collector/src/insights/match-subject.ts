/** What an insight about a match is written from. */
import type { Storage } from '../storage/storage.ts'
import type { Asked } from './asked.ts'
import type { InsightSubject } from './subject.ts'

/** Reads it. @returns null where there is no such match, or it is not the asking person's */
export type MatchSubject = (storage: Storage, asked: Asked) => Promise<InsightSubject | null>

/** Until people are matched there is no match to explain. */
export const matchSubject: MatchSubject = async () => null
