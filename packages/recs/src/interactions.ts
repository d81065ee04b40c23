/** Who had to do with what, and how much: a sparse matrix that a million interactions fit into. */

/** One visitor and one item. The same pair may come several times: its strengths add up. */
export interface Interaction {
  user: string
  item: string
  /** How much it says: the weight of its kind (a view 1, a purchase 5), decayed. @default 1 */
  strength?: number
}

/** Rows of a sparse matrix: row `r` holds `columns[starts[r]…starts[r + 1])` with their `values`, ascending. */
export interface SparseRows {
  starts: Int32Array
  columns: Int32Array
  values: Float32Array
}

/** Interactions by visitor and by item. Visitors and items are numbered in the order of their first mention. */
export interface InteractionMatrix {
  users: readonly string[]
  items: readonly string[]
  byUser: SparseRows
  byItem: SparseRows
}

/** Takes interactions one at a time, so that they can come in pages. */
export interface MatrixBuilder {
  /** Adds one. A strength that is no positive finite number says nothing, and is left out. */
  add(user: string, item: string, strength?: number): void
  /** How many were added. */
  readonly size: number
  /** The matrix. The builder is empty afterwards. */
  finish(): InteractionMatrix
}

const number = (ids: Map<string, number>, id: string): number => {
  const known = ids.get(id)
  if (known !== undefined) return known
  ids.set(id, ids.size)
  return ids.size - 1
}

/** Three columns that double when they are full: 12 bytes an interaction. */
function columnsOf(start: number) {
  let rows = new Int32Array(start)
  let columns = new Int32Array(start)
  let values = new Float32Array(start)
  let size = 0
  return {
    push(row: number, column: number, value: number): void {
      if (size === rows.length) {
        const more = new Int32Array(2 * size)
        more.set(rows)
        rows = more
        const wider = new Int32Array(2 * size)
        wider.set(columns)
        columns = wider
        const larger = new Float32Array(2 * size)
        larger.set(values)
        values = larger
      }
      rows[size] = row
      columns[size] = column
      values[size++] = value
    },
    size: () => size,
    done: () => ({
      rows: rows.subarray(0, size),
      columns: columns.subarray(0, size),
      values: values.subarray(0, size),
    }),
  }
}

/** Where each row begins, when `counted` has so many entries of each row. */
function startsOf(counted: Int32Array, rows: number): Int32Array {
  const starts = new Int32Array(rows + 1)
  for (const row of counted) starts[row + 1]!++
  for (let row = 0; row < rows; row++) starts[row + 1]! += starts[row]!
  return starts
}

/** Sorts entries into rows by counting, keeping their order within a row. */
function intoRows(from: Int32Array, to: Int32Array, values: Float32Array, rows: number): SparseRows {
  const starts = startsOf(from, rows)
  const next = starts.slice(0, rows)
  const columns = new Int32Array(to.length)
  const sorted = new Float32Array(to.length)
  for (let i = 0; i < from.length; i++) {
    const at = next[from[i]!]!++
    columns[at] = to[i]!
    sorted[at] = values[i]!
  }
  return { starts, columns, values: sorted }
}

/** The same matrix with rows and columns exchanged; its rows are ascending whatever those given were. */
export function transpose({ starts, columns, values }: SparseRows, width: number): SparseRows {
  const rows = new Int32Array(columns.length)
  for (let row = 0; row + 1 < starts.length; row++) rows.fill(row, starts[row], starts[row + 1])
  return intoRows(columns, rows, values, width)
}

/** Adds up entries of the same row and column, which stand beside each other. */
function merged({ starts, columns, values }: SparseRows): SparseRows {
  const rows = starts.length - 1
  const closer = new Int32Array(rows + 1)
  let size = 0
  for (let row = 0; row < rows; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      if (size > closer[row]! && columns[size - 1] === columns[i]) values[size - 1]! += values[i]!
      else {
        columns[size] = columns[i]!
        values[size++] = values[i]!
      }
    }
    closer[row + 1] = size
  }
  return { starts: closer, columns: columns.slice(0, size), values: values.slice(0, size) }
}

/** Begins a matrix. */
export function matrixBuilder(): MatrixBuilder {
  const users = new Map<string, number>()
  const items = new Map<string, number>()
  let entries = columnsOf(1024)
  return {
    add(user, item, strength = 1): void {
      if (strength > 0 && Number.isFinite(strength))
        entries.push(number(users, user), number(items, item), strength)
    },
    get size(): number {
      return entries.size()
    },
    finish(): InteractionMatrix {
      const { rows, columns, values } = entries.done()
      entries = columnsOf(1024)
      const unsorted = intoRows(columns, rows, values, items.size)
      const byUser = merged(transpose(unsorted, users.size))
      const byItem = transpose(byUser, items.size)
      const matrix = { users: [...users.keys()], items: [...items.keys()], byUser, byItem }
      users.clear()
      items.clear()
      return matrix
    },
  }
}

/** The matrix of a list of interactions. */
export function interactionMatrix(interactions: Iterable<Interaction>): InteractionMatrix {
  const builder = matrixBuilder()
  for (const { user, item, strength } of interactions) builder.add(user, item, strength)
  return builder.finish()
}
