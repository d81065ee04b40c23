/** Inverts a symmetric positive definite matrix in place, in slices, by Cholesky. */

/** Four dot products at once: a row that was fetched from memory serves four others. */
function dots(
  a: Float64Array,
  rows: number,
  n: number,
  other: number,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const r0 = rows
  const r1 = rows + n
  const r2 = rows + 2 * n
  const r3 = rows + 3 * n
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let k = from; k < to; k++) {
    const x = a[other + k]!
    s0 += a[r0 + k]! * x
    s1 += a[r1 + k]! * x
    s2 += a[r2 + k]! * x
    s3 += a[r3 + k]! * x
  }
  out[0] = s0
  out[1] = s1
  out[2] = s2
  out[3] = s3
}

function dot(a: Float64Array, one: number, other: number, from: number, to: number): number {
  let sum = 0
  for (let k = from; k < to; k++) sum += a[one + k]! * a[other + k]!
  return sum
}

/** How many rows from `i` on are taken at once. */
const height = (i: number, n: number): number => (i + 4 <= n ? 4 : 1)

/** The lower triangle becomes L of A = L·Lᵀ. */
function* factorize(a: Float64Array, n: number): Generator<number> {
  const four = new Float64Array(4)
  for (let i = 0; i < n; i += height(i, n)) {
    const rows = height(i, n)
    const base = i * n
    if (rows === 4)
      for (let j = 0; j < i; j++) {
        dots(a, base, n, j * n, 0, j, four)
        const pivot = a[j * n + j]!
        for (let r = 0; r < 4; r++) a[base + r * n + j] = (a[base + r * n + j]! - four[r]!) / pivot
      }
    for (let row = i; row < i + rows; row++) {
      for (let j = rows === 4 ? i : 0; j < row; j++)
        a[row * n + j] = (a[row * n + j]! - dot(a, row * n, j * n, 0, j)) / a[j * n + j]!
      const square = a[row * n + row]! - dot(a, row * n, row * n, 0, row)
      if (!(square > 0)) throw new RangeError('The matrix is not positive definite: raise lambda above 0.')
      a[row * n + row] = Math.sqrt(square)
    }
    yield i ** 3
  }
}

/** L becomes its inverse X, row by row: X[i] = (eᵢ − Σₖ L[i][k]·X[k]) ÷ L[i][i]. */
function* invertLower(a: Float64Array, n: number): Generator<number> {
  const row = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    row.fill(0, 0, i)
    let k = 0
    for (; k + 4 <= i; k += 4) {
      const [l0, l1, l2, l3] = [a[i * n + k]!, a[i * n + k + 1]!, a[i * n + k + 2]!, a[i * n + k + 3]!]
      const base = k * n
      // Rows k + 1 … k + 3 reach further to the right than row k, whose upper part still holds A: the corner is apart.
      for (let j = 0; j <= k; j++)
        row[j]! +=
          l0 * a[base + j]! + l1 * a[base + n + j]! + l2 * a[base + 2 * n + j]! + l3 * a[base + 3 * n + j]!
      row[k + 1]! += l1 * a[base + n + k + 1]! + l2 * a[base + 2 * n + k + 1]! + l3 * a[base + 3 * n + k + 1]!
      row[k + 2]! += l2 * a[base + 2 * n + k + 2]! + l3 * a[base + 3 * n + k + 2]!
      row[k + 3]! += l3 * a[base + 3 * n + k + 3]!
    }
    for (; k < i; k++) for (let j = 0; j <= k; j++) row[j]! += a[i * n + k]! * a[k * n + j]!
    const pivot = a[i * n + i]!
    for (let j = 0; j < i; j++) a[i * n + j] = -row[j]! / pivot
    a[i * n + i] = 1 / pivot
    if (i % 4 === 3) yield n ** 3 + i ** 3
  }
}

/** A⁻¹ = Xᵀ·X, from X copied into the upper triangle, where its columns are rows. */
function* multiply(a: Float64Array, n: number): Generator<number> {
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i]!
  const diagonal = new Float64Array(n)
  const four = new Float64Array(4)
  for (let i = 0; i < n; i += height(i, n)) {
    const rows = height(i, n)
    for (let row = i; row < i + rows; row++) {
      diagonal[row] = dot(a, row * n, row * n, row, n)
      for (let j = row + 1; j < (rows === 4 ? i + 4 : n); j++) a[j * n + row] = dot(a, row * n, j * n, j, n)
    }
    if (rows === 4)
      for (let j = i + 4; j < n; j++) {
        dots(a, i * n, n, j * n, j, n, four)
        for (let r = 0; r < 4; r++) a[j * n + i + r] = four[r]!
      }
    yield 2 * n ** 3 + (n ** 3 - (n - i) ** 3)
  }
  for (let i = 0; i < n; i++) {
    a[i * n + i] = diagonal[i]!
    for (let j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i]!
  }
}

/**
 * Replaces `a` (n × n, row-major, symmetric positive definite) by its inverse, in about n³/2 multiplications and without
 * other memory. Yields the share that is done, often, so that the caller can let others run between.
 *
 * Source: Golub and Van Loan, Matrix Computations, 4th edition, sections 4.2 and 3.1.
 *
 * @throws RangeError where the matrix is not positive definite
 */
export function* invertSpd(a: Float64Array, n: number): Generator<number, void> {
  for (const step of [factorize, invertLower, multiply])
    for (const work of step(a, n)) yield work / (3 * n ** 3)
}
