/** What an insight is about: the reasons why something fits, and what is known of both sides. */

/**
 * Why an item was recommended (`because`, `alike`, `people`, `popular`, `new`, `pinned`, as in the recommendations), or
 * why two people fit:
 *
 * - `shared`: both have these values of the attribute `about`
 * - `close`: they are near each other in the attribute `about`
 * - `wanted`: one has, by the attribute `about`, what the other looks for; `by` says who looks
 * - `mutual`: people like the one chose people like the other, and the other way round
 */
export interface InsightReason {
  code:
    | 'because'
    | 'alike'
    | 'people'
    | 'popular'
    | 'new'
    | 'pinned'
    | 'shared'
    | 'close'
    | 'wanted'
    | 'mutual'
  /** The recommended item's title; of people, the attribute's name. */
  about?: string
  /** The title of the item that led here. */
  because?: string
  /** What both have in common: values, or tags. */
  shared?: string[]
  /** Whose wish it is, of `wanted`. */
  by?: 'first' | 'second' | 'both'
}

/** What is known of a side, by attribute. */
export interface InsightAttributes {
  [name: string]: string | number | boolean | readonly (string | number)[]
}

/**
 * What an insight is written from. It names nobody: ids, names and addresses have no place in it.
 */
export interface InsightSubject {
  kind: 'match' | 'recommendation'
  /** The strongest first. */
  reasons: InsightReason[]
  /** First the person it is written for; then the other person, or what the recommended items have in common. */
  sides: [InsightAttributes, InsightAttributes]
}
