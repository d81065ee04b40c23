/** Visitors' tokens without HTTP: reading what verifies them, and saying what is wrong with one. */
export { readJwks, tokenKeys } from './auth/jwks.ts'
export { type ReadVerifier, readVerifier, type VerifierMistake } from './auth/read-verifier.ts'
export type { PublicJwk, TokenAlgorithm, TokenVerifier, Visitor } from './auth/verifier.ts'
export { type TokenFault, type Verified, verifyToken } from './auth/verify-token.ts'
export { readAllowedHosts } from './outgoing/permitted-url.ts'
