/** Turns two people's profiles into numbers that a linear model can weigh: their own, their differences, what they share. */

/** What is known of a person, by attribute: numbers are compared by size, texts and truths by equality, lists by overlap. */
export interface Profile {
  readonly [attribute: string]: number | string | boolean | readonly string[] | null | undefined
}

/** What a feature says: one person's own attribute, or how two relate in it. */
export interface FeatureName {
  attribute: string
  about: 'from' | 'to' | 'difference' | 'alike' | 'product'
  /** Of a text or list: which of its values. */
  value?: string
}

/** A profile as it is compared: read once, however many pairs it is part of. */
export interface ReadProfile {
  /** Its own columns: sizes first, then values. */
  columns: Float64Array
  /** Of each text or list: its values as numbers, in order. */
  values: Int32Array[]
}

/** The features of pairs. */
export interface PairFeatures {
  names: readonly FeatureName[]
  /** How many columns each profile has; of them the sizes, and how many texts and lists there are. */
  shape: { columns: number; sizes: number; lists: number }
  read(profile: Profile): ReadProfile
  /** One number for each name, about standardised: columns of the one, of the other, differences, products, overlaps. */
  of(from: ReadProfile, to: ReadProfile): Float64Array
}

/** How profiles become features. */
export interface FeatureOptions {
  /** A value of a text or list that fewer people have is not told apart from others. @default 10 */
  leastPeople?: number
  /** The most values of one attribute that are told apart, the most frequent ones. @default 20 */
  mostValues?: number
}

/** Reads one column of a profile; 0 where it is unknown. */
interface Column {
  attribute: string
  value?: string
  read(profile: Profile): number
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const valuesOf = (value: Profile[string]): readonly string[] => {
  if (value === null || value === undefined || typeof value === 'number') return []
  return typeof value === 'object' ? value : [String(value)]
}

/** Standardised and kept within three deviations, so that one odd answer outweighs nothing. */
function numeric(attribute: string, people: readonly Profile[]): Column {
  const numbers = people.map((one) => one[attribute]).filter(isNumber)
  const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length
  const deviation = Math.sqrt(numbers.reduce((sum, one) => sum + (one - mean) ** 2, 0) / numbers.length) || 1
  return {
    attribute,
    read(profile) {
      const value = profile[attribute]
      return isNumber(value) ? Math.max(-3, Math.min(3, (value - mean) / deviation)) : 0
    },
  }
}

/** One column for each value that enough people have. */
function categorical(
  attribute: string,
  people: readonly Profile[],
  { leastPeople = 10, mostValues = 20 }: FeatureOptions,
): Column[] {
  const counts = new Map<string, number>()
  for (const one of people)
    for (const value of new Set(valuesOf(one[attribute]))) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count >= leastPeople)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, mostValues)
    .map(([value, count]) => {
      const share = count / people.length
      const deviation = Math.sqrt(share * (1 - share)) || 1
      return {
        attribute,
        value,
        read: (profile) => ((valuesOf(profile[attribute]).includes(value) ? 1 : 0) - share) / deviation,
      }
    })
}

/** How far two sizes are apart, about centred. */
export const apart = (a: number, b: number): number => Math.abs(a - b) - 1.1

/** Twice the overlap of two lists, or equality of two texts (Jaccard); 0 where one is unknown. */
export function overlap(a: Int32Array, b: Int32Array): number {
  let both = 0
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i]!, b[j]!]
    if (x === y) both++
    if (x <= y) i++
    if (y <= x) j++
  }
  return both === 0 ? 0 : (2 * both) / (a.length + b.length - both)
}

/**
 * Learns from the profiles themselves (no decisions) how attributes are scaled and which values are frequent. An
 * attribute that is a number for most of those who have it is compared by size, others by value.
 */
export function pairFeatures(people: readonly Profile[], options: FeatureOptions = {}): PairFeatures {
  const attributes = [...new Set(people.flatMap((one) => Object.keys(one)))].sort()
  const known = (attribute: string) =>
    people.map((one) => one[attribute]).filter((value) => value !== null && value !== undefined)
  const isNumeric = (attribute: string): boolean =>
    known(attribute).filter(isNumber).length * 2 > known(attribute).length
  const numbers = attributes.filter(isNumeric)
  const others = attributes.filter((attribute) => !isNumeric(attribute))
  const sizes = numbers.map((attribute) => numeric(attribute, people))
  const columns = [...sizes, ...others.flatMap((attribute) => categorical(attribute, people, options))]
  const named =
    (about: FeatureName['about']) =>
    (column: { attribute: string; value?: string }): FeatureName => ({
      attribute: column.attribute,
      about,
      ...(column.value === undefined ? {} : { value: column.value }),
    })
  const names = [
    ...columns.map(named('from')),
    ...columns.map(named('to')),
    ...sizes.map(named('difference')),
    ...sizes.map(named('product')),
    ...others.map((attribute) => ({ attribute, about: 'alike' as const })),
  ]
  const numbered = new Map<string, number>()
  const numberOf = (value: string): number => {
    const known = numbered.get(value)
    if (known !== undefined) return known
    numbered.set(value, numbered.size)
    return numbered.size - 1
  }
  return {
    names,
    shape: { columns: columns.length, sizes: sizes.length, lists: others.length },
    read: (profile) => ({
      columns: Float64Array.from(columns, ({ read }) => read(profile)),
      values: others.map((attribute) =>
        Int32Array.from(new Set(valuesOf(profile[attribute])), numberOf).sort(),
      ),
    }),
    of(from, to) {
      const features = new Float64Array(names.length)
      features.set(from.columns)
      features.set(to.columns, columns.length)
      let at = 2 * columns.length
      for (let i = 0; i < sizes.length; i++) features[at++] = apart(from.columns[i]!, to.columns[i]!)
      for (let i = 0; i < sizes.length; i++) features[at++] = from.columns[i]! * to.columns[i]!
      for (let i = 0; i < others.length; i++) features[at++] = overlap(from.values[i]!, to.values[i]!)
      return features
    },
  }
}
