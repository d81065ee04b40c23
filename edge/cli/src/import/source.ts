/** The seam of imports: what gives rows in parts, and can go on after any of them. */

/** One row as it stands in the source. */
export interface SourceRow {
  /** Where it stands, for people: `line 12`, `id 7`. */
  place: string
  /** Its columns by the names of ours; `fault` where it could not be read. */
  values: RowValues
  fault?: string
}

/** A row's columns, as texts; absent or null where there is none. */
export interface RowValues {
  id?: string | null
  event?: string | null
  properties?: string | null
  user?: string | null
  anonymous?: string | null
  session?: string | null
  at?: string | null
}

/** Some rows, and where to go on after them. */
export interface SourcePart {
  rows: SourceRow[]
  /** `null` before the first row that has a place. */
  cursor: string | null
  /** How far the source is read, from 0 to 1, or `undefined` where nobody knows. */
  progress: number | undefined
}

/** Where rows come from. */
export interface Source {
  /** Names it: the same name again goes on with the same import. */
  name: string
  parts(after: string | null, size: number): AsyncIterable<SourcePart>
  close(): Promise<void>
}
