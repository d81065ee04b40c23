/** What a page may do wrong with lists: nothing throws, and it gets something to go on with. */
import type { Report } from '../errors.ts'
import type { Shelf } from './api.ts'

/** The list of a question that is none. */
export const nothing: Shelf = {
  items: [],
  recommendationId: '',
  type: '',
  list: 'user',
  loading: false,
  reason: 'error',
}

/** A function that answers `fallback` where it would throw, and tells of it. */
export type Safely = <Args extends unknown[], Result>(
  work: (...args: Args) => Result,
  fallback: Result,
) => (...args: Args) => Result

/** Makes what makes functions safe. */
export const createSafely =
  (report: Report): Safely =>
  (work, fallback) =>
  (...args) => {
    try {
      return work(...args)
    } catch (error) {
      report('input_invalid', error)
      return fallback
    }
  }
