/** The distribution kernel: densities, tails and quantiles that keep their digits in the far tails. */
export { betaCdf, betaQuantile, betaSf } from './distributions/beta.ts'
export { binomialCdf, binomialPmf, binomialSf } from './distributions/binomial.ts'
export { chiSquareSf, gammaSf } from './distributions/gamma.ts'
export { noncentralTSf } from './distributions/noncentral-t.ts'
export { normalCdf, normalIsf, normalPdf, normalQuantile, normalSf } from './distributions/normal.ts'
export { logGamma } from './distributions/stirling.ts'
export { tIsf, tSf } from './distributions/student-t.ts'
